# ver_cut, ver_rs and ver_test (PMS, section "Version manipulation and
# comparison commands").

# ___ver_split VERSION sets the array parts to separator, component, separator,
# component, ...: at even indexes separators, at odd ones components. A
# component is a run of digits or of letters.
___ver_split() {
	local LC_ALL=C rest=$1 piece
	parts=()
	piece=${rest%%[a-zA-Z0-9]*}
	parts+=("${piece}")
	rest=${rest:${#piece}}
	while [[ -n ${rest} ]]; do
		if [[ ${rest} == [0-9]* ]]; then
			piece=${rest%%[!0-9]*}
		else
			piece=${rest%%[!a-zA-Z]*}
		fi
		parts+=("${piece}")
		rest=${rest:${#piece}}
		piece=${rest%%[a-zA-Z0-9]*}
		parts+=("${piece}")
		rest=${rest:${#piece}}
	done
}

# ___ver_range RANGE MAX sets first and last to the bounds of RANGE.
___ver_range() {
	[[ $1 =~ ^([0-9]+)(-([0-9]*))?$ ]] || ___fail die "${FUNCNAME[1]}: range $1 must be a number, two numbers, or a number and a minus sign" 3
	first=$(( 10#${BASH_REMATCH[1]} ))
	if [[ -z ${BASH_REMATCH[2]} ]]; then
		last=${first}
	elif [[ -z ${BASH_REMATCH[3]} ]]; then
		last=$2
	else
		last=$(( 10#${BASH_REMATCH[3]} ))
		(( first <= last )) || ___fail die "${FUNCNAME[1]}: range $1 ends before it begins" 3
	fi
	(( last <= $2 )) || last=$2
}

ver_cut() {
	local -a parts
	local first last IFS= from
	___ver_split "${2-${PV}}"
	# What follows the last component belongs to a range that ends behind it.
	___ver_range "$1" $(( ${#parts[@]} / 2 + (${#parts[-1]} > 0) ))
	# Component n is at 2n-1. What precedes component 1 belongs to a range that
	# begins at 0.
	from=$(( first == 0 ? 0 : first * 2 - 1 ))
	(( last * 2 > from )) || from=${#parts[@]}
	printf '%s\n' "${parts[*]:from:last * 2 > from ? last * 2 - from : 0}"
}

ver_rs() {
	local -a parts
	local first last n IFS= version=${PV}
	if (( $# % 2 )); then
		version=${!#}
		set -- "${@:1:$#-1}"
	fi
	___ver_split "${version}"
	while (( $# > 0 )); do
		___ver_range "$1" $(( ${#parts[@]} / 2 ))
		for (( n = first * 2; n <= last * 2; n += 2 )); do
			# What does not stand between two components counts only if it is there.
			if (( n > 0 && n < ${#parts[@]} - 1 )) || [[ -n ${parts[n]} ]]; then
				parts[n]=$2
			fi
		done
		shift 2
	done
	printf '%s\n' "${parts[*]}"
}

# ___compare_numbers A B compares numbers of any length; ___order is -1, 0 or 1.
___compare_numbers() {
	local a=$1 b=$2
	a=${a#"${a%%[!0]*}"} b=${b#"${b%%[!0]*}"}
	if (( ${#a} != ${#b} )); then
		(( ___order = ${#a} < ${#b} ? -1 : 1 ))
	else
		___compare_text "${a}" "${b}"
	fi
}

___compare_text() {
	local LC_ALL=C
	if [[ $1 == "$2" ]]; then
		___order=0
	elif [[ $1 < $2 ]]; then
		___order=-1
	else
		___order=1
	fi
}

# ___compare_versions A B compares versions (PMS, section "Version
# comparison"); ___order is -1, 0 or 1.
___compare_versions() {
	local LC_ALL=C
	local form='^([0-9]+)((\.[0-9]+)*)([a-z]?)((_(alpha|beta|pre|rc|p)[0-9]*)*)(-r([0-9]+))?$'
	[[ $1 =~ ${form} ]] || ___fail die "ver_test: invalid version $1" 3
	local -a a=("${BASH_REMATCH[@]}")
	[[ $2 =~ ${form} ]] || ___fail die "ver_test: invalid version $2" 3
	local -a b=("${BASH_REMATCH[@]}")
	___compare_numbers "${a[1]}" "${b[1]}"
	(( ___order == 0 )) || return
	___compare_components "${a[2]}" "${b[2]}"
	(( ___order == 0 )) || return
	___compare_text "${a[4]}" "${b[4]}"
	(( ___order == 0 )) || return
	___compare_suffixes "${a[5]}" "${b[5]}"
	(( ___order == 0 )) || return
	___compare_numbers "${a[9]:-0}" "${b[9]:-0}"
}

# ___compare_components compares ".2.10" with ".2.9.1".
___compare_components() {
	local IFS=. x y i
	local -a a=(${1#.}) b=(${2#.})
	for (( i = 0; i < ${#a[@]} && i < ${#b[@]}; i++ )); do
		x=${a[i]} y=${b[i]}
		if [[ ${x} == 0* || ${y} == 0* ]]; then
			___compare_text "${x%"${x##*[!0]}"}" "${y%"${y##*[!0]}"}"
		else
			___compare_numbers "${x}" "${y}"
		fi
		(( ___order == 0 )) || return
	done
	(( ___order = ${#a[@]} < ${#b[@]} ? -1 : ${#a[@]} > ${#b[@]} ))
}

# ___compare_suffixes compares "_rc1_p" with "_rc1".
___compare_suffixes() {
	local IFS=_ i x y
	local -a a=(${1#_}) b=(${2#_})
	for (( i = 0; i < ${#a[@]} || i < ${#b[@]}; i++ )); do
		# A missing suffix stands between rc and p.
		x=$(( i < ${#a[@]} )) y=$(( i < ${#b[@]} ))
		if (( ! x )); then
			[[ ${b[i]} == p* && ${b[i]} != pre* ]] && ___order=-1 || ___order=1
			return
		elif (( ! y )); then
			[[ ${a[i]} == p* && ${a[i]} != pre* ]] && ___order=1 || ___order=-1
			return
		fi
		x=${a[i]%%[0-9]*} y=${b[i]%%[0-9]*}
		if [[ ${x} == "${y}" ]]; then
			x=${a[i]#"${x}"} y=${b[i]#"${y}"}
			___compare_numbers "${x:-0}" "${y:-0}"
		else
			# In the order of the alphabet, but for p, which is last.
			[[ ${x} == p ]] && x=z
			[[ ${y} == p ]] && y=z
			___compare_text "${x}" "${y}"
		fi
		(( ___order == 0 )) || return
	done
	___order=0
}

ver_test() {
	local ___order left right operator
	case $# in
	2) left=${PVR} operator=$1 right=$2 ;;
	3) left=$1 operator=$2 right=$3 ;;
	*) ___fail die "ver_test: wrong number of arguments" 2 ;;
	esac
	case ${operator} in
	-eq | -ne | -lt | -le | -gt | -ge) ;;
	*) ___fail die "ver_test: invalid operator ${operator}" 2 ;;
	esac
	___compare_versions "${left}" "${right}"
	[ "${___order}" "${operator}" 0 ]
}
