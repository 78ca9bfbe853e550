# Where and how the install commands install (PMS, section "Commands affecting
# install destinations"). The state is in variables that programs see.

# ___image prints the image directory, with the offset prefix.
___image() {
	if ___feature Prefix; then printf '%s' "${ED%/}"; else printf '%s' "${D%/}"; fi
}

# ___place VARIABLE FOLDER BELOW is into and its kin: the folder is made at once.
___place() {
	local ___folder=$2
	[[ ${___folder} != / ]] || ___folder=
	export "$1=${___folder}"
	[[ -n ${___folder} ]] || return 0
	___folder="$(___image)/$3${___folder#/}"
	[[ -d ${___folder} ]] || install -d "${___folder}" || ___command_failed "${FUNCNAME[1]} failed"
}

into() {
	___place __E_DESTTREE "$1" '' || return
	! ___feature DESTTREE || export DESTTREE=${__E_DESTTREE}
}

insinto() {
	___place __E_INSDESTTREE "$1" '' || return
	! ___feature INSDESTTREE || export INSDESTTREE=${__E_INSDESTTREE}
}

exeinto() { ___place __E_EXEDESTTREE "$1" ''; }
docinto() { ___place __E_DOCDESTTREE "$1" "usr/share/doc/${PF}/"; }

# ___options VARIABLE WORD... is insopts and its kin.
___options() {
	local IFS=' '
	has -s "${@:2}" && ___fail die "${FUNCNAME[1]}: -s is never allowed" 2
	export "$1=${*:2}"
}

insopts() { ___options INSOPTIONS "$@"; }
exeopts() { ___options EXEOPTIONS "$@"; }
diropts() { ___options DIROPTIONS "$@"; }
libopts() { ___ban libopts Libopts; ___options LIBOPTIONS "$@"; }

# ___path_list ARRAY SKIPPED ARGUMENT... is docompress and dostrip.
___path_list() {
	local -n ___list=$1
	local ___path ___known
	if [[ $3 == -x ]]; then
		local -n ___list=$2
		shift
	fi
	for ___path in "${@:3}"; do
		while [[ ${___path} == *//* ]]; do ___path=${___path//\/\///}; done
		___path="/${___path#/}"
		[[ ${___path} == / ]] || ___path=${___path%/}
		for ___known in "${___list[@]}"; do
			[[ ${___known} != "${___path}" ]] || continue 2
		done
		___list+=("${___path}")
	done
}

docompress() {
	___ban docompress Docompress
	___path_list PORTAGE_DOCOMPRESS PORTAGE_DOCOMPRESS_SKIP "$@"
}

dostrip() {
	___ban dostrip Dostrip
	___path_list PORTAGE_DOSTRIP PORTAGE_DOSTRIP_SKIP "$@"
}

# ___grant VARIABLE PATH widens what the sandbox lets a phase do (addread and kin).
___grant() {
	[[ $# -eq 2 && $2 != *:* ]] || ___fail die "${FUNCNAME[1]}: one path without colons wanted" 2
	[[ :${!1}: == *":$2:"* ]] || export "$1=${!1}${!1:+:}$2"
	___announce "$1" "$2"
}

# ___announce VARIABLE PATH tells the sandbox of a grant, by a name that no file has:
# what is exported reaches programs only, not this shell.
___announce() {
	{ : >|"/dev/sandbox/$1/$2"; } 2>/dev/null || :
}

# ___announce_saved tells the sandbox what earlier phases have granted.
___announce_saved() {
	local ___variable ___path IFS=:
	for ___variable in SANDBOX_READ SANDBOX_WRITE SANDBOX_DENY SANDBOX_PREDICT; do
		for ___path in ${!___variable}; do
			[[ ${___path} != /* ]] || ___announce "${___variable}" "${___path}"
		done
	done
}

addread() { ___grant SANDBOX_READ "$@"; }
addwrite() { ___grant SANDBOX_WRITE "$@"; }
adddeny() { ___grant SANDBOX_DENY "$@"; }
addpredict() { ___grant SANDBOX_PREDICT "$@"; }
