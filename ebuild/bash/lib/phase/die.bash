# How a phase ends by a failure (PMS, section "Failure behaviour and related
# commands").

# ___report_failure KIND MESSAGE SKIP tells where the phase failed: on standard
# error, and on descriptor ___result for the package manager. SKIP is the number
# of innermost functions that are not to be blamed.
___report_failure() {
	local ___text= ___i ___word ___message=$2 LC_ALL=C
	local -a ___where=()
	case $1 in
	source) ___message="${2##*/} cannot be sourced" ;;
	eclass) ___message="${2}.eclass does not exist" ;;
	loop) ___message="${2}.eclass inherits itself" ;;
	esac
	for (( ___i = $3 + 1; ___i < ${#BASH_SOURCE[@]}; ___i++ )); do
		[[ ${FUNCNAME[___i]} != ___* ]] || continue
		___where+=("${FUNCNAME[___i]}" "${BASH_SOURCE[___i]}" "${BASH_LINENO[___i - 1]}")
	done
	for ___word in "$1" "${___message}" "${PWD}" "${___where[@]}"; do
		___text+="${#___word}:${___word},"
	done
	___die_hooks "${___message}"
	{ builtin printf '%s failure\n%s\n%s\n' "${___nonce}" "${___text}" "${___nonce}" >&"${___result}"; } 2>/dev/null
}

# ___die_hooks runs the hooks that eclasses and configuration have registered for
# a failure, once.
___die_hooks() {
	[[ -z ${___died} ]] || return 0
	___died=1
	local ___hook
	for ___hook in ${EBUILD_DEATH_HOOKS}; do
		"${___hook}" "$@" >&2
	done
}

register_die_hook() { export EBUILD_DEATH_HOOKS+="${EBUILD_DEATH_HOOKS:+ }$*"; }
register_success_hook() { export EBUILD_SUCCESS_HOOKS+="${EBUILD_SUCCESS_HOOKS:+ }$*"; }

# ___command_failed MESSAGE is the failure of a command: from EAPI 4 it ends the
# phase, but under nonfatal.
___command_failed() {
	if ___feature HelpersDie && [[ ${PORTAGE_NONFATAL} != 1 ]]; then
		___fail die "$1" 3
	fi
	eerror "$1"
	return 1
}

# ___ban NAME FEATURE ends the phase if the EAPI does not have the command.
___ban() {
	___feature "$2" || ___fail die "$1 is not available in EAPI ${EAPI}" 3
}

nonfatal() {
	___ban nonfatal Nonfatal
	[[ $# -gt 0 ]] || ___fail die 'nonfatal: a command is missing' 2
	PORTAGE_NONFATAL=1 "$@"
}

assert() {
	local ___status=(${PIPESTATUS[@]}) ___one
	___ban assert Assert
	for ___one in "${___status[@]}"; do
		[[ ${___one} -eq 0 ]] || ___fail die "${*:-assert failed}" 2
	done
	return 0
}

# Before they were commands, eclasses had functions of these names.
! ___feature Pipestatus || pipestatus() {
	local ___status=(${PIPESTATUS[@]}) ___one ___last=0
	case $#,$1 in
	0,) ;;
	1,-v) printf '%s\n' "${___status[*]}" ;;
	*) ___fail die 'pipestatus: the only argument is -v' 2 ;;
	esac
	for ___one in "${___status[@]}"; do
		[[ ${___one} -eq 0 ]] || ___last=${___one}
	done
	return "${___last}"
}

! ___feature Edo || edo() {
	[[ $# -gt 0 ]] || ___fail die 'edo: a command is missing' 2
	local ___word ___words=
	for ___word; do
		[[ ${___word} =~ ^[A-Za-z0-9%+,./:=@_^-]+$ ]] || ___word=${___word@Q}
		___words+=" ${___word}"
	done
	printf ' *%s\n' "${___words}" >&2
	"$@" || die -n "${1} failed:${___words}"
}
