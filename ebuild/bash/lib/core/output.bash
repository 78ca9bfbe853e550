# Messages (PMS, section "Output commands"). They go to standard error, line by
# line, without another process.

# ___message PREFIX TEXT prints each line of TEXT, in which backslash escapes
# count as in echo -e, after PREFIX.
___message() {
	# Not in quotes below: in an older compatibility level they would be part of the text.
	local ___text ___between=$'\n'$1
	printf -v ___text %b "$2"
	printf '%s\n' "$1${___text//$'\n'/${___between}}" >&2
}

einfo() { ___message ' * ' "$*"; }
elog() { ___message ' * ' "$*"; }
ewarn() { ___message ' * ' "$*"; }
eerror() { ___message ' * ' "$*"; }
eqawarn() { ___message ' * ' "$*"; }
einfon() { printf ' * %b' "$*" >&2; }
ebegin() { ___message ' * ' "$* ..."; }

eend() {
	local status=${1:-0}
	shift
	if [[ ${status} -eq 0 ]]; then
		printf ' [ ok ]\n' >&2
	else
		[[ $# -eq 0 ]] || eerror "$*"
		printf ' [ !! ]\n' >&2
	fi
	return "${status}"
}
