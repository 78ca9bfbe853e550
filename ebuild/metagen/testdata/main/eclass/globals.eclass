# Calls functions in global scope, one of them by a name that is put together.
if [[ -z ${_GLOBALS} ]]; then
_GLOBALS=1

# A long comment: functions that global scope does not call may be left out when
# shells keep eclasses, and these are called.
globals_depend() {
	local name prefix=$1
	for name in one two three; do
		printf '%s/%s ' "${prefix}" "${name}"
	done
	[[ ${#FUNCNAME[@]} -gt 0 ]] || die "no function"
}

_globals_dynamic() {
	local text="called as ${FUNCNAME[0]} from ${FUNCNAME[1]}, and this is long enough"
	[[ -n ${text} ]] && GLOBALS_CALLED="${FUNCNAME[0]}:${FUNCNAME[1]}:${LINENO}:${BASH_SOURCE[0]##*/}"
}

globals_unused() {
	die "this function is never called in global scope, and has a long body"
}

_globals_set() {
	local which=dynamic
	"_globals_${which}"
	local before=$(declare -F globals_unused)
	[[ ${before} == globals_unused* ]] || die "globals_unused is not defined"
}
_globals_set
unset -f _globals_set

fi
RDEPEND="$(globals_depend dev-libs)"
