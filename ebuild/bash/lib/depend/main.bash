# The life of the shell. Requests are read from descriptor @REQUEST@, each a size
# of eight digits and so many bytes: one for this shell, which parses eclasses,
# and one for a fork of it, the variables of an ebuild. The end of the fork and
# the eclasses that were parsed are told on descriptor @STATUS@, which the fork
# does not have.
#
# With ___exact, there is one request and no fork: in a subshell some errors of
# the expansion of words end it, which elsewhere end one command.
exec @REQUEST@<&3 @RESULT@>&4 @STATUS@>&5 3<&- 4>&- 5>&-
# What the caller of the package manager has left open is no business of ebuilds.
for (( ___fd = 3; ___fd < 256; ___fd++ )); do
	case ${___fd} in
	@REQUEST@ | @RESULT@ | @STATUS@) ;;
	*) exec {___fd}>&- ;;
	esac
done
unset -v ___fd
BASH_SOURCE=()
___next_request() {
	IFS= read -r -N 8 -u @REQUEST@ ___request && IFS= read -r -N "${___request}" -u @REQUEST@ ___request
}
if [[ -n ${___exact} ]]; then
	___next_request
	___next_request
	exec @REQUEST@<&- @STATUS@>&-
	___main_pid=${BASHPID}
	eval "${___request}"
	source "${EBUILD}" || ___fail source "${EBUILD}" 0
	___report
	exit 0
fi
# Requests switch it on where the ebuild may notice.
shopt -u extdebug
while ___next_request; do
	___known=
	eval "${___request}"
	___next_request
	(
		exec @REQUEST@<&- @STATUS@>&-
		___main_pid=${BASHPID}
		eval "${___request}"
		source "${EBUILD}" || ___fail source "${EBUILD}" 0
		___report
		exit 0
	)
	printf '%s\n' "$?${___known}" >&@STATUS@
done
