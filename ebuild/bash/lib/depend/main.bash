# The life of the shell. Requests are read from descriptor @REQUEST@, each a size
# of eight digits and so many bytes: on the first line the names of eclasses to
# parse, then assignments. Each ebuild runs in a fork, whose end is told on
# descriptor @STATUS@, which the fork does not have.
#
# With ___exact, there is one request and no fork: in a subshell some errors of
# the expansion of words end it, which elsewhere end one command.
exec @REQUEST@<&3 @RESULT@>&4 @STATUS@>&5 3<&- 4>&- 5>&-
BASH_SOURCE=()
if [[ -n ${___exact} ]]; then
	IFS= read -r -N 8 -u @REQUEST@ ___request
	IFS= read -r -N "${___request}" -u @REQUEST@ ___request
	exec @REQUEST@<&- @STATUS@>&-
	___main_pid=${BASHPID}
	eval "${___request#*$'\n'}"
	source "${EBUILD}" || ___fail source "${EBUILD}" 0
	___report
	exit 0
fi
while IFS= read -r -N 8 -u @REQUEST@ ___size && IFS= read -r -N "${___size}" -u @REQUEST@ ___request; do
	___parse_eclasses ${___request%%$'\n'*}
	(
		exec @REQUEST@<&- @STATUS@>&-
		___main_pid=${BASHPID}
		eval "${___request#*$'\n'}"
		source "${EBUILD}" || ___fail source "${EBUILD}" 0
		___report
		exit 0
	)
	printf '%s\n' "$?" >&@STATUS@
done
