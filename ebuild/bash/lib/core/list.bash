# Commands that ask lists (PMS, section "Utility commands"), and debugging output.

has() {
	local ___wanted=$1 ___word
	shift
	for ___word; do
		[[ ${___word} == "${___wanted}" ]] && return 0
	done
	return 1
}

debug-print() { :; }
debug-print-function() { debug-print "$1: entering function, parameters: ${*:2}"; }
debug-print-section() { debug-print "now in section $*"; }
