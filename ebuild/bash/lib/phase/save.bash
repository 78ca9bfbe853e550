# The shell's state between phases. What is kept is decided here by name; the
# package manager drops single lines later.

# ___forget PATTERN... unsets variables, those that programs of the caller need
# and what the package manager gives anew for each phase.
___forget() {
	unset -v \
		BLOCK_SIZE COLORTERM COLUMNS DF_BLOCK_SIZE DU_BLOCK_SIZE HOME LS_BLOCK_SIZE LS_COLORS POSIXLY_CORRECT PWD QUOTING_STYLE \
		TABSIZE TERM TIME_STYLE TMPDIR TMP TEMP DISPLAY EDITOR LESS LESSOPEN LOGNAME PAGER TERMCAP USER \
		ftp_proxy http_proxy https_proxy no_proxy CVS_RSH ECHANGELOG_USER GPG_AGENT_INFO SHELL_SETS_TITLE STY WINDOW XAUTHORITY XDG_VTNR \
		ACCEPT_LICENSE BUILD_PREFIX DISTDIR DOC_SYMLINKS_DIR EBUILD_FORCE_TEST FAKEROOTKEY LD_PRELOAD NOCOLOR NO_COLOR PKGDIR PKGUSE \
		PKG_LOGDIR PKG_TMPDIR PORTAGE_BASHRC_FILES PORTAGE_COMPRESS PORTAGE_COMPRESS_EXCLUDE_SUFFIXES PORTAGE_QUIET PORTAGE_NONFATAL \
		PORTAGE_DOHTML_UNWARNED_SKIPPED_EXTENSIONS PORTAGE_DOHTML_UNWARNED_SKIPPED_FILES PORTAGE_DOHTML_WARN_ON_SKIPPED_FILES \
		PORTAGE_SANDBOX_DENY PORTAGE_SANDBOX_PREDICT PORTAGE_SANDBOX_READ PORTAGE_SANDBOX_WRITE PORTAGE_SOCKS5_PROXY \
		PREROOTPATH ROOT ROOTPATH RPMDIR USE_EXPAND MOPREFIX QA_INTERCEPTORS XARGS INSTALL_MASK PKG_INSTALL_MASK \
		"${!SSH_@}" "${!XDG_CONFIG_@}" "${!XDG_CURRENT_@}" "${!XDG_DATA_@}" "${!XDG_MENU_@}" "${!XDG_RUNTIME_@}" "${!XDG_SEAT_@}" \
		"${!XDG_SESSION_@}" "${!CCACHE_@}" "${!DISTCC_@}"
}

# ___save LABEL writes the state to descriptor ___result. It spoils the shell for
# everything but the end.
___save() {
	local ___label=$1 ___write=${___result} ___mark=${___nonce} IFS=$' \t\n'
	___forget
	unset -f ${___own_functions} default default_{src_{unpack,prepare,configure,compile,test,install},pkg_{nofetch,pretend,setup,preinst,postinst,prerm,postrm,config,info}}
	POSIXLY_CORRECT=1
	unset -v POSIXLY_CORRECT
	builtin set +efuxv
	exec 1>&"${___write}"
	builtin printf '%s %s\n' "${___mark}" "${___label}"
	builtin declare -p
	builtin declare -fp
	builtin printf '%s\n' "${___mark}"
}

# ___save_last LABEL is ___save where nothing is to come but the end: without
# a subshell, whose copying of memory costs more than the rest, unless the ebuild has
# something of its own to do at the end.
___save_last() {
	if [[ -z $(builtin trap -p EXIT) ]]; then ___save "$@"; else (___save "$@"); fi
}

# ___functions writes where the functions of the ebuild and its eclasses stand: lines
# "NAME LINE FILE". The state has their text alone.
___functions() {
	local ___all
	___all=$(builtin declare -F)
	___all=${___all//declare -f/}
	builtin printf '%s functions\n%s\n%s\n' "${___nonce}" "$(builtin declare -F ${___all//$'\n'/ })" "${___nonce}" >&"${___result}"
}

# ___values NAME... writes the values of variables, as netstrings.
___values() {
	local LC_ALL=C ___name ___value ___text=
	for ___name; do
		___value=${!___name}
		___text+="${#___name}:${___name},${#___value}:${___value},"
	done
	builtin printf '%s values\n%s\n%s\n' "${___nonce}" "${___text}" "${___nonce}" >&"${___result}"
}

# ___lists makes the arrays of docompress and dostrip single values, a line each.
___lists() {
	local IFS=$'\n'
	___docompress="${PORTAGE_DOCOMPRESS[*]}"
	___docompress_skip="${PORTAGE_DOCOMPRESS_SKIP[*]}"
	___dostrip="${PORTAGE_DOSTRIP[*]}"
	___dostrip_skip="${PORTAGE_DOSTRIP_SKIP[*]}"
	___compress_suffixes=${PORTAGE_COMPRESS_EXCLUDE_SUFFIXES}
	___install_mask=${INSTALL_MASK}
}
