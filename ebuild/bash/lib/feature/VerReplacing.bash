# ver_replacing (PMS, section "Version manipulation and comparison commands").

ver_replacing() {
	local version
	case ${EBUILD_PHASE} in
	pretend | setup | preinst | postinst) ;;
	*) ___fail die "ver_replacing: no replaced versions in phase ${EBUILD_PHASE}" 2 ;;
	esac
	[[ $# -eq 2 ]] || ___fail die 'ver_replacing: two arguments wanted' 2
	for version in ${REPLACING_VERSIONS}; do
		ver_test "${version}" "$1" "$2" && return 0
	done
	return 1
}
