# unpack (PMS, section "Misc commands").

# ___makeopts_jobs prints how many jobs MAKEOPTS allows; the number of processors
# if it does not say.
___makeopts_jobs() {
	if [[ " ${MAKEOPTS} " =~ .*[[:space:]](-[a-z]*j|--jobs[=[:space:]])[[:space:]]*([0-9]+) ]]; then
		printf '%s\n' "${BASH_REMATCH[2]}"
	else
		nproc 2>/dev/null || printf '1\n'
	fi
}

# ___unpack_source NAME sets ___source to the archive that a name means.
___unpack_source() {
	case $1 in
	./*) ___source=$1 ;;
	*/*)
		if ! ___feature UnpackPaths; then
			___fail die "unpack: '$1': EAPI ${EAPI} allows only names of DISTDIR and paths that begin with ./" 3
		fi
		[[ $1 != "${DISTDIR%/}"/* ]] || eqawarn "QA Notice: unpack called with redundant \${DISTDIR} in path"
		___source=$1
		;;
	*) ___source=${DISTDIR%/}/$1 ;;
	esac
	[[ -f ${___source} ]] || ___fail die "unpack: ${1@Q} either does not exist or is not a regular file" 3
	[[ -s ${___source} ]] || ___fail die "unpack: ${1@Q} cannot be unpacked because it is an empty file" 3
}

# ___unpack_kind NAME sets ___kind to the ending that decides how NAME is unpacked,
# in lower case; empty if it is passed over.
___unpack_kind() {
	local ___known=' a bz bz2 deb gz jar lzma tar tar.bz tar.bz2 tar.gz tar.lzma tar.z tbz tbz2 tgz z zip '
	local ___spelled=' a bz bz2 deb gz jar lzma tar tar.bz tar.bz2 tar.gz tar.lzma tar.Z tbz tbz2 tgz Z zip ZIP '
	if ___feature UnpackProprietary; then
		___known+='7z lha lzh rar '
		___spelled+='7z 7Z lha LHa LHA lzh rar RAR '
	fi
	! ___feature UnpackXz || { ___known+='xz '; ___spelled+='xz '; }
	! ___feature UnpackTxz || { ___known+='tar.xz txz '; ___spelled+='tar.xz txz '; }
	___kind=
	[[ ${1##*/} =~ \.([Tt][Aa][Rr]\.)?[^.]+$ ]] || return 0
	local ___ending=${BASH_REMATCH[0]#.}
	if ___feature UnpackAnyCase; then
		[[ ${___known} != *" ${___ending,,} "* ]] || ___kind=${___ending,,}
	else
		[[ ${___spelled} != *" ${___ending} "* ]] || ___kind=${___ending,,}
	fi
}

# ___tar FILE OPTION... unpacks a tar archive.
___tar() {
	local ___program=tar
	! builtin type -P gtar >/dev/null || ___program=gtar
	"${___program}" "${@:2}" -xof "$1"
}

# ___unpack_one KIND FILE unpacks into the working directory.
___unpack_one() {
	local ___name=${2##*/} ___bzip2=bzip2 ___variable
	___name=${___name%.*}
	for ___variable in PORTAGE_BZIP2_CMD PORTAGE_BUNZIP2_CMD; do
		[[ -z ${!___variable} || ${!___variable} == *[[:blank:]\"\']* ]] || ___bzip2=${!___variable}
	done
	case $1 in
	tar.bz | tar.bz2 | tbz | tbz2) ___tar "$2" -I "${___bzip2} -c" ;;
	txz) ___tar "$2" -J ;;
	tar | tar.* | tgz) ___tar "$2" --warning=decompress-program ;;
	gz | z) gzip -dc -- "$2" >"${___name}" ;;
	bz | bz2) "${___bzip2}" -dc -- "$2" >"${___name}" ;;
	xz) xz -dc -- "$2" >"${___name}" ;;
	lzma) xz -F lzma -dc -- "$2" >"${___name}" ;;
	zip | jar) unzip -qo "$2" </dev/null ;;
	a | deb) ar x "$2" ;;
	7z) 7z x -y "$2" >/dev/null ;;
	lha | lzh) lha xfq "$2" ;;
	rar) unrar x -idq -o+ "$2" ;;
	esac
}

unpack() {
	local ___argument ___source ___kind
	local -x XZ_OPT
	[[ $# -gt 0 ]] || ___fail die 'unpack: too few arguments (got 0; expected at least 1)' 2
	XZ_OPT="-T$(___makeopts_jobs)"
	for ___argument; do
		___unpack_source "${___argument}"
		___unpack_kind "${___argument}"
		if [[ -z ${___kind} ]]; then
			___verbose "=== Skipping unpack of ${___argument@Q}"
			continue
		fi
		___verbose ">>> Unpacking ${___argument@Q} to ${PWD}"
		___unpack_one "${___kind}" "${___source}" || ___fail die "unpack: failure unpacking ${___argument@Q}" 2
	done
	# What lies here can be read and changed; the folder itself is left as it is.
	# A closed one at once, before find looks into it.
	find . -mindepth 1 ! -type l '(' -type d ! -perm -755 -exec chmod u+rwx,go+rx-w {} ';' -o \
		'(' -type d -perm /022 -o ! -type d '(' ! -perm -644 -o -perm /022 ')' ')' -exec chmod a+r,u+w,go-w {} + ')'
	return 0
}
