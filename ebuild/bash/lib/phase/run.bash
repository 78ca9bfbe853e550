# The course of each phase: where it runs, its hooks, what it marks as done.

# ___source_folder enters S, or WORKDIR where that is allowed.
___source_folder() {
	if [[ -d ${S} ]]; then
		cd -- "${S}" || ___fail die "the source directory '${S}' cannot be entered" 2
	elif ! ___feature StrictS || [[ -z ${A} && -z ${___defined_so_far} ]]; then
		cd -- "${WORKDIR}" || ___fail die "WORKDIR '${WORKDIR}' cannot be entered" 2
	else
		___fail die "The source directory '${S}' doesn't exist" 2
	fi
}

# ___call FUNCTION runs a function of the ebuild or a hook, if it exists.
___call() {
	declare -F "$1" >/dev/null || return 0
	[[ ${PORTAGE_DEBUG} != 1 ]] || set -x
	"$1"
	set +ex
}

# ___phase FUNCTION [BEFORE AFTER] runs a phase function between its hooks.
___phase() {
	___call "pre_$1"
	[[ -z $2 ]] || ___verbose "$2"
	___call "$1"
	[[ -z $3 ]] || ___verbose "$3"
}

___run_unpack() {
	cd -- "${WORKDIR}" || ___fail die "WORKDIR '${WORKDIR}' cannot be entered" 1
	___phase src_unpack '>>> Unpacking source...' ">>> Source unpacked in ${WORKDIR}"
}

___run_prepare() {
	! ___feature SrcPrepareNone || return 0
	___source_folder
	___phase src_prepare ">>> Preparing source in ${PWD} ..."
	if ___feature Eapply && [[ ! -f ${T}/.portage_user_patches_applied ]]; then
		___fail die 'eapply_user (or default) must be called in src_prepare()!' 1
	fi
	___verbose '>>> Source prepared.'
}

___run_configure() {
	___feature SrcConfigure || return 0
	___source_folder
	___phase src_configure ">>> Configuring source in ${PWD} ..." '>>> Source configured.'
}

___run_compile() {
	___source_folder
	___phase src_compile ">>> Compiling source in ${PWD} ..." '>>> Source compiled.'
}

___run_test() {
	___source_folder
	local ___predict=${SANDBOX_PREDICT}
	addpredict /
	___phase src_test ">>> Test phase: ${CATEGORY}/${PF}" ">>> Completed testing ${CATEGORY}/${PF}"
	SANDBOX_PREDICT=${___predict}
}

___run_install() {
	___qa_prebuilt
	___call pre_src_install
	[[ ! -e ${D} && ! -L ${D%/} ]] || rm -rf -- "${D%/}"
	mkdir -p -- "$(___image)" || ___fail die "the image directory '${D}' cannot be made" 1
	___source_folder
	printf '\n>>> Install %s into %s\n' "${CATEGORY}/${PF}" "${D}"
	if ___feature DESTTREE; then
		export DESTTREE=/usr INSDESTTREE=
	else
		export __E_DESTTREE=/usr __E_INSDESTTREE=
	fi
	export __E_EXEDESTTREE= __E_DOCDESTTREE=
	___call src_install
	printf '>>> Completed installing %s into %s\n\n' "${CATEGORY}/${PF}" "${D}"
}

# ___qa_prebuilt makes QA_PREBUILT count for the single checks.
___qa_prebuilt() {
	[[ -n ${QA_PREBUILT} ]] || return 0
	local ___name
	QA_EXECSTACK+=" ${QA_PREBUILT}"
	QA_TEXTRELS+=" ${QA_PREBUILT}"
	QA_WX_LOAD+=" ${QA_PREBUILT}"
	for ___name in QA_DT_NEEDED QA_FLAGS_IGNORED QA_PRESTRIPPED QA_SONAME QA_SONAME_NO_SYMLINK; do
		if [[ ${!___name@a} == *a* ]]; then
			eval "${___name}+=(${QA_PREBUILT//\*/.*})"
		else
			eval "${___name}+=' '\${QA_PREBUILT//\\*/.*}"
		fi
	done
	export QA_PRESTRIPPED
}

# ___run_pkg FUNCTION runs a phase that has nothing to do with sources.
___run_pkg() {
	cd -- "${___empty}" || ___fail die "'${___empty}' cannot be entered" 1
	___phase "$1"
}

# ___run PHASE
___run() {
	___announce_saved
	case $1 in
	unpack | prepare | configure | compile | test | install)
		___define_default "src_$1"
		"___run_$1"
		;;
	clean) ;;
	*)
		___define_default "pkg_$1"
		___run_pkg "pkg_$1"
		;;
	esac
}

# ___after PHASE runs the hooks that come when the phase counts as done.
___after() {
	case $1 in
	prepare) ___feature SrcPrepareNone || ___call post_src_prepare ;;
	configure) ! ___feature SrcConfigure || ___call post_src_configure ;;
	unpack | compile | test | install) ___call "post_src_$1" ;;
	clean) ;;
	*) ___call "post_pkg_$1" ;;
	esac
}
