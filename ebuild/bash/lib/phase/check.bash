# Checks of the image that repositories, packages and the user bring: scripts that
# are sourced, each in a shell of its own, and programs that are run after them.

# ___check_image does what ___checks and ___hooks name, in the image.
___check_image() {
	local ___file
	for ___file in "${___checks[@]}"; do
		(
			cd -- "${D}" || ___fail die "the image '${D}' cannot be entered" 1
			source "${___file}" || eerror "the check ${___file} failed to run"
		)
	done
	for ___file in "${___hooks[@]}"; do
		( cd -- "${D}" && "${___file}" ) || eerror "the hook ${___file} failed"
	done
}

# contains_word WORD LIST says whether a list, blank-separated, has the word.
contains_word() { [[ " ${2//[$'\t\n']/ } " == *" $1 "* ]]; }

# eqatag [-v] TAG [KEY=VALUE]... [/FILE]... notes a finding in ${T}/qa.log, in YAML;
# -v prints the files, too.
eqatag() {
	local ___print= ___word ___data= ___files=
	if [[ $1 == -v ]]; then
		___print=1
		shift
	fi
	[[ -n $1 ]] || ___fail die 'eqatag: a tag is missing' 2
	local ___tag=$1
	shift
	for ___word; do
		___word=${___word//\\/\\\\}
		___word=${___word//\"/\\\"}
		if [[ ${___word} == /* ]]; then
			___files+="    - \"${___word}\""$'\n'
			[[ -z ${___print} ]] || eqawarn "  ${___word}"
		elif [[ ${___word} == *=* ]]; then
			___data+="    ${___word%%=*}: \"${___word#*=}\""$'\n'
		fi
	done
	printf -- '- tag: %s\n%s%s' "${___tag}" "${___data:+  data:
${___data}}" "${___files:+  files:
${___files}}" >>"${T}/qa.log"
}
