# Questions about the version of the kernel that runs: not in PMS, but known to
# ebuilds from before it.

KV_major() { [[ -n $1 ]] && printf '%s\n' "${1%%.*}"; }

KV_minor() {
	[[ -n $1 ]] || return 1
	local ___rest=${1#*.}
	printf '%s\n' "${___rest%%.*}"
}

KV_micro() {
	[[ -n $1 ]] || return 1
	local ___rest=${1#*.*.}
	printf '%s\n' "${___rest%%[^[:digit:]]*}"
}

# KV_to_int VERSION prints a number that can be compared, for kernels from 2.2.0 on.
KV_to_int() {
	[[ -n $1 ]] || return 1
	local ___number=$(( $(KV_major "$1") * 65536 + $(KV_minor "$1") * 256 + $(KV_micro "$1") ))
	(( ___number >= 131584 )) && printf '%s\n' "${___number}"
}

get_KV() { KV_to_int "$(uname -r)"; }
