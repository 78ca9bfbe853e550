# Messages of phases (PMS, section "Output commands"): printed, and kept for the
# package manager in ${T}/logging, a file for each phase with lines "LEVEL text".

# ___log LEVEL TEXT keeps a message.
___log() {
	[[ -n ${T} && -d ${T}/logging && -n $2 ]] || return 0
	local ___text ___between=$'\n'"$1 "
	printf -v ___text %b "$2"
	printf '%s\n' "$1 ${___text//$'\n'/${___between}}" >>"${T}/logging/${EBUILD_PHASE:-other}"
}

# ___verbose TEXT... prints unless the user wants it quiet.
___verbose() {
	[[ ${PORTAGE_QUIET} == 1 ]] || printf '%s\n' "$*"
}

einfo() { ___log INFO "$*"; ___message " ${___good}*${___plain} " "$*"; }
elog() { ___log LOG "$*"; ___message " ${___good}*${___plain} " "$*"; }
ewarn() { ___log WARN "$*"; ___message " ${___warning}*${___plain} " "$*"; }
eerror() { ___log ERROR "$*"; ___message " ${___bad}*${___plain} " "$*"; }
eqawarn() { ___log QA "$*"; ___message " ${___warning}*${___plain} " "$*"; }
einfon() { ___log INFO "$*"; printf ' %s*%s %b' "${___good}" "${___plain}" "$*" >&2; }
ebegin() { ___begun=$(( ___begun + 1 )); ___log INFO "$* ..."; ___message " ${___good}*${___plain} " "$* ..."; }

eend() {
	[[ -n $1 ]] || ___fail die 'eend: a status is missing' 2
	local ___status=$1
	shift
	if (( --___begun < 0 )); then
		___begun=0
		eqawarn "QA Notice: eend called without preceding ebegin in ${FUNCNAME[1]}"
	fi
	if [[ ${___status} -eq 0 ]]; then
		printf ' %s[ ok ]%s\n' "${___good}" "${___plain}" >&2
	else
		[[ $# -eq 0 ]] || eerror "$*"
		printf ' %s[ !! ]%s\n' "${___bad}" "${___plain}" >&2
	fi
	return "${___status}"
}

debug-print() {
	[[ -n ${T} && -d ${T} ]] || return 0
	printf '%s\n' "$@" >>"${T}/eclass-debug.log"
}

debug-print-function() { debug-print "$1: entering function, parameters: ${*:2}"; }
debug-print-section() { debug-print "now in section $*"; }
