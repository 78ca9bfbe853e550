# Questions about installed packages (PMS, section "Package manager query
# commands"). The package manager answers the program `query`.

# ___query has_version|best_version [-b|-d|-r] ATOM
___query() {
	local ___command=$1 ___root= ___answer ___status
	shift
	case $1 in
	--host-root) ___feature HostRoot || ___fail die "${___command}: --host-root is not allowed in EAPI ${EAPI}" 3; ___root=-b; shift ;;
	-b | -d | -r) ___feature QueryRoots || ___fail die "${___command}: $1 is not allowed in EAPI ${EAPI}" 3; ___root=$1; shift ;;
	esac
	[[ $# -eq 1 ]] || ___fail die "${___command}: one atom wanted" 3
	___ROOT=${ROOT} ___tumpline_query "${___command}" "${___root:--r}" "$1"
	___status=$?
	case ${___status} in
	0 | 1) [[ ${___command} == best_version ]] || return "${___status}" ; return 0 ;;
	2) ___fail die "${___command}: invalid atom: $1" 3 ;;
	esac
	___fail die "${___command}: the package manager does not answer" 3
}

has_version() { ___query has_version "$@"; }
best_version() { ___query best_version "$@"; }
portageq() { ___fail die 'portageq is not for ebuilds' 2; }
