# Commands that ask lists (PMS, section "Utility commands"), and debugging output.

# Eclasses ask long lists: has looks at all words at once, and one by one only if the
# character that it puts between them may be in one.
has() {
	local ___wanted=$1 ___word IFS=$'\037'
	shift
	[[ $# -gt 0 && "${IFS}$*${IFS}" == *"${IFS}${___wanted}${IFS}"* ]] || return 1
	[[ ${___wanted} == *"${IFS}"* || "${*//"${IFS}"}" != "$*" ]] || return 0
	for ___word; do
		[[ ${___word} == "${___wanted}" ]] && return 0
	done
	return 1
}

debug-print() { :; }
debug-print-function() { :; }
debug-print-section() { :; }
