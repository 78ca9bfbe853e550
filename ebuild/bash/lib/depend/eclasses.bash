# Eclasses are parsed once in the long-lived shell, each into a function of its
# text, and run in the forks by inherit.

# ___parse NAME TEXT [CHECK] parses an eclass. Of functions that global scope is not
# expected to call, some have ___lazy as their bodies in TEXT, and others are not
# there. With CHECK, TEXT and the file are checked first: a text that is complete by
# itself cannot leave the function it is put into. This is done in forks, and the file
# is read there, because memory that is used here makes each later fork dearer. An
# eclass that cannot be parsed (it needs an option or alias that it sets itself, or is
# wrong) is left out: it is sourced wherever it is inherited. ___sort says what the
# function is called after, see inherit.
___parse() {
	if [[ -n $3 ]]; then
		( ___at_first_line $'set -n\n'"$2"$'\n' ) 2>/dev/null || return 0
		(
			IFS= read -r -d '' ___whole <"${___eclass_path[$1]}"
			[[ -n ${___whole} ]] || exit 1
			___at_first_line $'set -n\n'"${___whole}"$'\n'
		) 2>/dev/null || return 0
	fi
	___at_first_line "${___sort}:$1() { $2"$'\n}' "${___eclass_path[$1]}" 2>/dev/null || return 0
	___known+=" $1"
	___parsed[$1]=${___sort}:$1
}

# ___lazy is called where a function should have been whole.
___lazy() { ___tell_lazy "${FUNCNAME[1]}" "${BASH_SOURCE[1]}"; }

# ___tell_lazy FUNCTION [FILE] ends the ebuild because it calls a function that should
# have been there.
___tell_lazy() {
	local LC_ALL=C
	builtin printf '%s lazy\n%s:%s,%s:%s,\n%s\n' "${___nonce}" "${#1}" "$1" "${#2}" "$2" "${___nonce}" >&"${___result}"
	___end_all
}

# Where eclasses have x=$(ver_cut ...), it is ___ver_value that is called, without a
# fork. Before the EAPIs that bring ver_cut it may come from an eclass.
if ! ___feature VerCommands; then
	___ver_value() { ___value=$(ver_cut "$@"); }
fi
