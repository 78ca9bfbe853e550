# die, and what it needs: the end of an ebuild by a failure.
#
# ___fail KIND MESSAGE ends it with a failure of that kind. Each mode defines
# ___report_failure KIND MESSAGE SKIP, which tells the package manager; SKIP
# is the number of innermost functions that are not to be blamed.

___fail() {
	___report_failure "$1" "$2" "${3:-1}"
	___end_all
}

# ___end_all ends the main shell of the ebuild, also from a subshell of it.
___end_all() {
	[[ ${BASHPID} == "${___main_pid}" ]] || builtin kill -s TERM "${___main_pid}" 2>/dev/null
	exit 1
}

die() {
	set +ex
	if [[ $1 == -n ]] && ___feature DieNonfatal; then
		shift
		if [[ ${PORTAGE_NONFATAL} == 1 ]]; then
			[[ $# -eq 0 ]] || ___message '' "$*"
			return 1
		fi
	fi
	local IFS=$' \t\n'
	___fail die "${*:-(no message)}" 2
}
