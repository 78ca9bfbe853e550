# ver_cut, ver_rs and ver_test (PMS, section "Version manipulation and
# comparison commands"). Some eclasses compare a hundred versions for each ebuild:
# there are no regular expressions here, which are compiled each time, and no
# change of the locale. So characters are listed where a locale might have others
# between them.
___letters=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz

# ___ver_split VERSION sets the array parts to separator, component, separator,
# component, ...: at even indexes separators, at odd ones components. A
# component is a run of digits or of letters.
___ver_split() {
	local rest=$1 piece
	parts=()
	piece=${rest%%[${___letters}0123456789]*}
	parts+=("${piece}")
	rest=${rest:${#piece}}
	while [[ -n ${rest} ]]; do
		if [[ ${rest} == [0123456789]* ]]; then
			piece=${rest%%[!0123456789]*}
		else
			piece=${rest%%[!${___letters}]*}
		fi
		parts+=("${piece}")
		rest=${rest:${#piece}}
		piece=${rest%%[${___letters}0123456789]*}
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

# ___ver_leading RANGE VERSION sets ___value to the components of RANGE if they are
# among the numbers that VERSION begins with, which is what most ask for.
___ver_leading() {
	local IFS=.
	local -a parts=(${2%%[!.0123456789]*})
	[[ $1 == [123456789]?(-[123456789]) && $2 == [0123456789]* && $2 != *..* && ${1%-*} -le ${1#*-} && ${1#*-} -le ${#parts[@]} ]] || return 1
	___value=${parts[*]:${1%-*} - 1:${1#*-} - ${1%-*} + 1}
}

# ___ver_value sets ___value to what $(ver_cut) would give.
___ver_value() {
	___ver_leading "$1" "${2-${PV}}" || ___value=$(ver_cut "$@")
}

ver_cut() {
	local ___value
	if ___ver_leading "$1" "${2-${PV}}"; then
		printf '%s\n' "${___value}"
		return
	fi
	local -a parts
	local first last from IFS=
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

# ___compare_numbers A B compares numbers of any length; ___order is negative, 0 or
# positive.
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
	if [[ $1 == "$2" ]]; then
		___order=0
		return
	fi
	local LC_ALL=C
	if [[ $1 < $2 ]]; then
		___order=-1
	else
		___order=1
	fi
}

# ___compare_versions A B compares versions (PMS, section "Version
# comparison"); ___order is negative, 0 or positive.
___compare_versions() {
	local ___a=$1 ___b=$2 ___end_a= ___end_b=
	if [[ $1$2 == *[!.0123456789]* || .$1._.$2. == *..* ]]; then
		___a=${1%%[!.0123456789]*} ___b=${2%%[!.0123456789]*}
		___end_a=${1:${#___a}} ___end_b=${2:${#___b}}
		___check_version "$1" "${___a}" "${___end_a}"
		___check_version "$2" "${___b}" "${___end_b}"
	fi
	___order=0
	if [[ .${___a}.${___b} == *.0[0123456789]* || ${#___a} -gt 18 || ${#___b} -gt 18 ]]; then
		___compare_components "${___a}" "${___b}"
	elif [[ ${___a} != "${___b}" ]]; then
		# Without zeros in front all components are numbers; a missing one is less.
		___a+=.-1. ___b+=.-1.
		until (( ___order = ${___a%%.*} - ${___b%%.*} )); do
			___a=${___a#*.} ___b=${___b#*.}
		done
	fi
	[[ ${___order} != 0 || ${___end_a} == "${___end_b}" ]] || ___compare_ends "${___end_a}" "${___end_b}"
}

# ___check_version VERSION NUMBERS REST fails unless the version, of which REST
# follows the numbers, is one.
___check_version() {
	[[ .$2. != *..* && $3 == ?([abcdefghijklmnopqrstuvwxyz])*(_@(alpha|beta|pre|rc|p)*([0123456789]))?(-r+([0123456789])) ]] ||
		___fail die "ver_test: invalid version $1" 4
}

# ___compare_ends compares what follows the numbers, as "b_rc1_p-r2".
___compare_ends() {
	local a=${1%%[!${___letters}]*} b=${2%%[!${___letters}]*} x=${1%-r*} y=${2%-r*}
	___compare_text "${a}" "${b}"
	(( ___order == 0 )) || return 0
	___compare_suffixes "${x#"${a}"}" "${y#"${b}"}"
	(( ___order == 0 )) || return 0
	a=0 b=0
	[[ $1 != *-r* ]] || a=${1##*-r}
	[[ $2 != *-r* ]] || b=${2##*-r}
	___compare_numbers "${a}" "${b}"
}

# ___compare_components compares "1.2.10" with "1.2.9.1".
___compare_components() {
	local IFS=. x y i
	local -a a=($1) b=($2)
	___compare_numbers "${a[0]}" "${b[0]}"
	(( ___order == 0 )) || return 0
	for (( i = 1; i < ${#a[@]} && i < ${#b[@]}; i++ )); do
		x=${a[i]} y=${b[i]}
		if [[ ${x} == 0* || ${y} == 0* ]]; then
			___compare_text "${x%"${x##*[!0]}"}" "${y%"${y##*[!0]}"}"
		else
			___compare_numbers "${x}" "${y}"
		fi
		(( ___order == 0 )) || return 0
	done
	___order=$(( ${#a[@]} - ${#b[@]} ))
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
		x=${a[i]%%[0123456789]*} y=${b[i]%%[0123456789]*}
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
	[[ $# != 2 ]] || set -- "${PVR}" "$@"
	case $#$2 in
	3-ge | 3-le | 3-lt | 3-gt | 3-eq | 3-ne) ;;
	3*) ___fail die "ver_test: invalid operator $2" 2 ;;
	*) ___fail die "ver_test: wrong number of arguments" 2 ;;
	esac
	local ___order ___a=$1.-1. ___b=$3.-1.
	if [[ $1$3 != *[!.0123456789]* && .$1._.$3. != *..* && .$1.$3 != *.0[0123456789]* && ${#1} -lt 19 && ${#3} -lt 19 && $1 != "$3" ]]; then
		# Most versions: components are numbers without zeros in front; a missing one is
		# less.
		until (( ___order = ${___a%%.*} - ${___b%%.*} )); do
			___a=${___a#*.} ___b=${___b#*.}
		done
	else
		___compare_versions "$1" "$3"
	fi
	[ "${___order}" "$2" 0 ]
}
