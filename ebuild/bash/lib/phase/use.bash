# Questions about USE flags (PMS, section "USE list functions") and libraries.

# ___in_iuse FLAG says whether the ebuild may ask for the flag. ___iuse holds those
# words between blanks.
___in_iuse() { [[ ${___iuse} == *" $1 "* ]]; }

use() {
	local ___flag=${1#!}
	if ! ___in_iuse "${___flag}"; then
		if ___feature StrictUSEQuery && ___feature IUSEEffective && [[ ${EMERGE_FROM} != binary ]]; then
			___fail die "USE Flag '${___flag}' not in IUSE for ${CATEGORY}/${PF}" 2
		fi
		eqawarn "QA Notice: USE Flag '${___flag}' not in IUSE for ${CATEGORY}/${PF}"
	fi
	if [[ $1 == !* ]]; then
		[[ " ${USE} " != *" ${___flag} "* ]]
	else
		[[ " ${USE} " == *" ${___flag} "* ]]
	fi
}

usev() {
	local ___most=1
	! ___feature UsevTwoArgs || ___most=2
	[[ $# -le ${___most} ]] || ___fail die "usev takes at most ${___most} arguments" 2
	use "$1" || return 1
	printf '%s\n' "${2:-${1#!}}"
}

# ___use_option WORD-ON WORD-OFF FLAG [NAME [VALUE]] prints --WORD-NAME=VALUE. It is
# always true, and without NAME a "!" is part of the name.
___use_option() {
	local ___on=$1 ___off=$2 ___caller=${FUNCNAME[1]} ___value=
	shift 2
	[[ -n $1 ]] || ___fail die "${___caller} called without a flag" 3
	if [[ $# -ge 3 ]] && { [[ -n $3 ]] || ___feature USEWithEmptyArg; }; then
		___value="=$3"
	fi
	local ___name=${2:-$1}
	if use "$1"; then
		printf '%s\n' "--${___on}-${___name}${___value}"
		return 0
	fi
	printf '%s\n' "--${___off}-${___name}"
}

use_with() { ___use_option with without "$@"; }
use_enable() { ___use_option enable disable "$@"; }

if ___feature OldUSEQueries; then
	useq() { use "$@"; }
else
	useq() { ___ban useq OldUSEQueries; }
	hasv() { ___ban hasv OldUSEQueries; }
	hasq() { ___ban hasq OldUSEQueries; }
fi

if ___feature Usex; then
	usex() {
		if use "$1"; then
			printf '%s\n' "${2-yes}$4"
		else
			printf '%s\n' "${3-no}$5"
		fi
	}
fi

if ___feature InIUSE; then
	in_iuse() {
		[[ $# -eq 1 && -n $1 ]] || ___fail die 'in_iuse: one flag wanted' 2
		___in_iuse "$1"
	}
fi

# ___libdir prints the folder for libraries of the ABI that is built for.
___libdir() {
	local ___name="LIBDIR_${ABI}"
	if [[ -n ${ABI} && -n ${!___name} ]]; then
		printf '%s\n' "${!___name}"
	else
		printf '%s\n' "${1-lib}"
	fi
}

if ___feature GetLibdir; then
	get_libdir() { ___libdir; }
fi
