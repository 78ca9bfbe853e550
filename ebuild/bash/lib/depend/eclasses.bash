# Eclasses are parsed once in the long-lived shell, each into a function of its
# text, and run in the forks by ___source_eclass.

# ___parse_eclasses NAME... parses eclasses. One that cannot be parsed as a
# function (it needs an option or alias that it sets itself, or is wrong) is
# left out: it is sourced wherever it is inherited.
___parse_eclasses() {
	local ___name ___text
	for ___name; do
		BASH_SOURCE[0]=${___eclass_path[${___name}]}
		# Status 0 means that a NUL byte was met.
		IFS= read -r -d '' ___text <"${BASH_SOURCE[0]}" && continue
		# A text that is complete by itself cannot leave the function it is put into.
		( ___at_first_line $'set -n\n'"${___text}" ) 2>/dev/null || continue
		___at_first_line "___eclass:${___name}() { ${___text}"$'\n}' 2>/dev/null || continue
		___parsed+=" ${___name} "
	done
}
