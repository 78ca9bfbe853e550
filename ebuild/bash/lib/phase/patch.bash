# eapply and eapply_user (PMS, section "Patch commands").

# ___patch FILE OPTION... applies one patch in the working directory.
___patch() {
	local ___program=patch ___output
	! builtin type -P gpatch >/dev/null || ___program=gpatch
	ebegin "${___indent}Applying ${1##*/}"
	if ___output=$(LC_ALL= LC_MESSAGES=C "${___program}" -p1 -f -g0 --no-backup-if-mismatch "${@:2}" <"$1" 2>&1); then
		[[ ${___output} != *[0-9]\ with\ fuzz\ [0-9]* ]] || printf '%s\n' "${___output}" >&2
		eend 0
	else
		printf '%s\n' "${___output}" >&2
		eend 1
		___command_failed "patch ${___program@Q} ${*:2} failed with ${1}"
	fi
}

# ___patch_folder FOLDER OPTION... applies all patches of a folder in the order of
# their names.
___patch_folder() {
	local LC_ALL=C ___file ___glob
	local -a ___files=()
	for ___file in "$1"/*; do
		[[ ${___file} != *.@(diff|patch) ]] || ___files+=("${___file}")
	done
	[[ ${#___files[@]} -gt 0 ]] || ___fail die "No *.{patch,diff} files in directory $1" 3
	einfo "Applying patches from $1 ..."
	local ___indent='  '
	unset LC_ALL
	for ___file in "${___files[@]}"; do
		___patch "${___file}" "${@:2}" || return
	done
}

if ___feature Eapply; then
	eapply() {
		local ___word ___indent= ___split=
		local -a ___options=() ___files=()
		for ___word; do
			if [[ -n ${___split} ]]; then
				___files+=("${___word}")
			elif [[ ${___word} == -- ]]; then
				___options+=("${___files[@]}")
				___files=()
				___split=1
			else
				___files+=("${___word}")
			fi
		done
		if [[ -z ${___split} ]]; then
			while [[ ${___files[0]} == -* ]]; do
				___options+=("${___files[0]}")
				___files=("${___files[@]:1}")
			done
			for ___word in "${___files[@]}"; do
				[[ ${___word} != -* ]] || ___fail die "eapply: options must precede non-option arguments: ${___word}" 2
			done
		fi
		[[ ${#___files[@]} -gt 0 ]] || ___fail die 'eapply: no files specified' 2
		for ___word in "${___files[@]}"; do
			if [[ -d ${___word} ]]; then
				___patch_folder "${___word}" "${___options[@]}" || return
			else
				___patch "${___word}" "${___options[@]}" || return
			fi
		done
	}

	eapply_user() {
		[[ ${EBUILD_PHASE} == prepare ]] || ___fail die 'eapply_user() called during invalid phase: '"${EBUILD_PHASE}" 2
		local ___mark=${T}/.portage_user_patches_applied ___folder ___file ___base=${PORTAGE_CONFIGROOT%/}/etc/portage/patches
		[[ ! -f ${___mark} ]] || return 0
		local -A ___chosen=()
		for ___folder in "${PN}" "${PN}:${SLOT%/*}" "${P}" "${P}:${SLOT%/*}" "${P}-${PR}" "${P}-${PR}:${SLOT%/*}"; do
			___folder=${___base}/${CATEGORY}/${___folder}
			[[ -e ${___folder} || -L ${___folder} ]] || continue
			[[ -d ${___folder} && -r ${___folder} ]] || ___fail die "eapply_user: ${___folder} is no folder that can be read" 2
			for ___file in "${___folder}"/*; do
				[[ ${___file} != *.@(diff|patch) ]] || ___chosen[${___file##*/}]=${___file}
			done
		done
		local -a ___files=()
		if [[ ${#___chosen[@]} -gt 0 ]]; then
			while IFS= read -r -d '' ___file; do
				# An empty file takes back the patch of that name.
				[[ ! -s ${___chosen[${___file}]} ]] || ___files+=("${___chosen[${___file}]}")
			done < <(printf '%s\0' "${!___chosen[@]}" | LC_ALL=C sort -z)
		fi
		if [[ ${#___files[@]} -gt 0 ]]; then
			einfo "Applying user patches from ${___base} ..."
			eapply -- "${___files[@]}" || ___fail die 'eapply_user: user patches do not apply' 2
			einfo 'User patches applied.'
		fi
		: >"${___mark}"
	}
fi
