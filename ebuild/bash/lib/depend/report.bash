# What becomes of an ebuild is written to descriptor ___result, in netstrings
# ("5:hello,", lengths in bytes) between lines with a number that is new for
# each ebuild.

# ___report_failure KIND MESSAGE SKIP tells of a failure and where it is: the
# files and lines of the functions that were running, innermost first.
___report_failure() {
	local ___i ___text= ___word
	[[ -n ${___exact} ]] || return
	local -a ___where=("$1" "$2")
	for (( ___i = $3 + 1; ___i < ${#BASH_SOURCE[@]}; ___i++ )); do
		___where+=("${FUNCNAME[___i]}" "${BASH_SOURCE[___i]}" "${BASH_LINENO[___i - 1]}")
	done
	LC_ALL=C
	for ___word in "${___where[@]}"; do
		___text+="${#___word}:${___word},"
	done
	builtin printf '%s failure\n%s\n%s\n' "${___nonce}" "${___text}" "${___nonce}" >&"${___result}"
}

# ___report tells the metadata: the functions of interest that exist, where
# they are defined, background processes, then values. The ebuild has run in
# this shell: nothing is taken for granted, functions may have the names of
# builtins. In POSIX mode unset is found before such functions.
___report() {
	___accumulate
	POSIXLY_CORRECT=1
	unset -f unset builtin
	unset -v POSIXLY_CORRECT
	builtin set +efuxv
	builtin shopt -s extdebug
	builtin shopt -u failglob
	LC_ALL=C
	___ifs_set=${IFS+set}
	___ifs=${IFS}
	IFS=' '
	{
		builtin printf '%s metadata\n' "${___nonce}"
		builtin declare -F ${___phases} ${___guarded}
		builtin printf '%s\n' "${___nonce}"
		builtin jobs -p
		builtin printf '%s\n%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,\n%s\n' "${___nonce}" \
			${#___ifs_set} "${___ifs_set}" \
			${#___ifs} "${___ifs}" \
			${#INHERITED} "${INHERITED}" \
			${#___explicit} "${___explicit}" \
			${#BDEPEND} "${BDEPEND}" \
			${#DEPEND} "${DEPEND}" \
			${#DESCRIPTION} "${DESCRIPTION}" \
			${#EAPI} "${EAPI}" \
			${#HOMEPAGE} "${HOMEPAGE}" \
			${#IDEPEND} "${IDEPEND}" \
			${#IUSE} "${IUSE}" \
			${#KEYWORDS} "${KEYWORDS}" \
			${#LICENSE} "${LICENSE}" \
			${#PDEPEND} "${PDEPEND}" \
			${#PROPERTIES} "${PROPERTIES}" \
			${#RDEPEND} "${RDEPEND}" \
			${#REQUIRED_USE} "${REQUIRED_USE}" \
			${#RESTRICT} "${RESTRICT}" \
			${#SLOT} "${SLOT}" \
			${#SRC_URI} "${SRC_URI}" \
			"${___nonce}"
	} >&"${___result}"
}
