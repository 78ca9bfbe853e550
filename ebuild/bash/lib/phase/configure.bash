# econf (PMS, section "Build commands").

# ___helped OPTION says whether `configure --help`, in ___help, knows the option as
# a whole word.
___helped() { [[ ${___help} == *"$1"[^A-Za-z0-9+_.-]* ]]; }

# ___econf_by_help appends to ___arguments what configure says it understands.
___econf_by_help() {
	local ___help
	___help=$("${ECONF_SOURCE}/configure" --help 2>/dev/null)
	if ___feature EconfDataroot && [[ ${___help} == *--datarootdir* ]]; then
		___arguments+=("--datarootdir=${EPREFIX}/usr/share")
	fi
	if ___feature EconfNoDependencyTracking && ___helped --disable-dependency-tracking; then
		___arguments+=(--disable-dependency-tracking)
	fi
	if ___feature EconfNoSilentRules && ___helped --disable-silent-rules; then
		___arguments+=(--disable-silent-rules)
	fi
	if ___feature EconfNoStatic && ___helped --enable-shared && ___helped --enable-static; then
		___arguments+=(--disable-static)
	fi
	if ___feature EconfDocdir; then
		[[ ${___help} != *--docdir* ]] || ___arguments+=("--docdir=${EPREFIX}/usr/share/doc/${PF}")
		[[ ${___help} != *--htmldir* ]] || ___arguments+=("--htmldir=${EPREFIX}/usr/share/doc/${PF}/html")
	fi
	if ___feature EconfSysroot && ___helped --with-sysroot; then
		___arguments+=("--with-sysroot=${ESYSROOT:-/}")
	fi
}

# ___econf_libdir ARGUMENT... appends --libdir for the ABI unless it is given.
___econf_libdir() {
	local ___libdir ___word ___prefix= ___exec=
	___libdir=$(___libdir '')
	[[ -n ${___libdir} ]] || return 0
	for ___word; do
		case ${___word} in
		--libdir=*) return 0 ;;
		--exec-prefix=*) ___exec=${___exec:-${___word#*=}} ;;
		--prefix=*) ___prefix=${___prefix:-${___word#*=}} ;;
		esac
	done
	___prefix=${___exec:-${___prefix:-${EPREFIX}/usr}}
	export CONF_PREFIX=/${___prefix#/}
	___libdir="${CONF_PREFIX}/${___libdir#/}"
	while [[ ${___libdir} == *//* ]]; do ___libdir=${___libdir//\/\///}; done
	___arguments+=("--libdir=${___libdir}")
}

# ___econf_files brings configure's companions up to date: the shell of its first
# line, and the scripts that know about machines.
___econf_files() {
	local ___line ___file ___new=${EPREFIX}/usr/share/gnuconfig ___tmp=.new.${BASHPID}
	IFS= read -r ___line <"${ECONF_SOURCE}/configure"
	if [[ -n ${CONFIG_SHELL} && ${___line} =~ ^'#!'[[:space:]]*/bin/sh([[:space:]]|$) ]]; then
		___file=${ECONF_SOURCE}/configure
		cp -p "${___file}" "${___file}${___tmp}" &&
			sed -i "1s:^#![[:space:]]*/bin/sh:#!${CONFIG_SHELL}:" "${___file}${___tmp}" &&
			touch -r "${___file}" "${___file}${___tmp}" &&
			mv -f "${___file}${___tmp}" "${___file}" || die "econf: ${___file} cannot be changed to ${CONFIG_SHELL}"
	fi
	[[ -e ${___new} ]] || return 0
	while IFS= read -r -d '' ___file; do
		___verbose " * econf: updating ${___file#"${WORKDIR}/"} with ${___new}/${___file##*/}"
		cp -f "${___new}/${___file##*/}" "${___file}${___tmp}" && mv -f "${___file}${___tmp}" "${___file}" ||
			die "econf: ${___file} cannot be replaced"
	done < <(find "${WORKDIR}" -type f '(' -name config.guess -o -name config.sub ')' -print0)
}

econf() {
	local ECONF_SOURCE=${ECONF_SOURCE:-.}
	local -a ___arguments ___extra
	local ___place=src_configure
	___feature Prefix || local EPREFIX=
	___feature SrcConfigure || ___place=src_compile
	[[ -z ${EBUILD_PHASE} || src_${EBUILD_PHASE} == "${___place}" ]] ||
		eqawarn "QA Notice: econf called in src_${EBUILD_PHASE} instead of ${___place}"
	[[ -f ${ECONF_SOURCE}/configure ]] || ___fail die 'no configure script found' 2
	[[ -x ${ECONF_SOURCE}/configure ]] || ___fail die 'configure is not executable' 2
	___econf_files
	___econf_by_help
	___econf_libdir "$@"
	eval "___extra=(${EXTRA_ECONF})"
	set -- "--prefix=${EPREFIX}/usr" ${CBUILD:+"--build=${CBUILD}"} "--host=${CHOST}" ${CTARGET:+"--target=${CTARGET}"} \
		"--mandir=${EPREFIX}/usr/share/man" "--infodir=${EPREFIX}/usr/share/info" "--datadir=${EPREFIX}/usr/share" \
		"--sysconfdir=${EPREFIX}/etc" "--localstatedir=${EPREFIX}/var/lib" "${___arguments[@]}" "$@" "${___extra[@]}"
	___verbose "${ECONF_SOURCE}/configure" "$@"
	"${ECONF_SOURCE}/configure" "$@" && return 0
	[[ ! -s config.log ]] || printf '\n!!! Please attach the following file when seeking support:\n!!! %s\n' "${PWD}/config.log"
	___feature HelpersDie || ___fail die 'econf failed' 2
	___command_failed 'econf failed'
}
