# What phases do that an ebuild does not define (PMS, chapter "Ebuild-defined
# functions"), and the command `default`.

default_pkg_nofetch() {
	[[ -n ${A} ]] || return 0
	local ___file
	elog "The following files cannot be fetched for ${PN}:"
	for ___file in ${A}; do
		elog "   ${___file}"
	done
}

default_src_unpack() {
	[[ -z ${A} ]] || unpack ${A}
}

# ___declared NAME says whether the variable was declared at all.
___declared() { declare -p "$1" &>/dev/null; }

# ___apply_PATCHES [--] applies the patches of the ebuild.
___apply_PATCHES() {
	if [[ ${PATCHES@a} == *a* ]]; then
		[[ ${#PATCHES[@]} -eq 0 ]] || eapply "$@" "${PATCHES[@]}"
	elif [[ -n ${PATCHES} ]]; then
		eapply "$@" ${PATCHES}
	fi
}

default_src_prepare() {
	if ___feature SrcPrepare8; then
		___apply_PATCHES -- || return
		eapply_user
	elif ___feature SrcPrepare6; then
		___apply_PATCHES || return
		eapply_user
	fi
	return 0
}

default_src_configure() {
	[[ ! -x ${ECONF_SOURCE:-.}/configure ]] || econf
}

# ___makefile says whether make has something to do here.
___makefile() { [[ -f Makefile || -f GNUmakefile || -f makefile ]]; }

default_src_compile() {
	if ___feature SrcCompile0; then
		[[ ! -x ./configure ]] || econf
	elif ___feature SrcCompile1; then
		[[ ! -x ${ECONF_SOURCE:-.}/configure ]] || econf
	fi
	___makefile || return 0
	emake || ___fail die 'emake failed' 2
}

default_src_test() {
	local -a ___make
	local ___target
	[[ -z ${MAKEFLAGS} ]] || local MAKEOPTS=
	___make=(${MAKE:-make} ${MAKEOPTS} ${EXTRA_EMAKE})
	___feature ParallelTests || ___make+=(-j1)
	for ___target in check test; do
		"${___make[@]}" "${___target}" -n &>/dev/null || continue
		___verbose "${___make[*]} ${___target}" >&2
		"${___make[@]}" "${___target}" || ___fail die "Make ${___target} failed. See above for details." 2
		return 0
	done
	return 0
}

default_src_install() {
	___feature DefaultSrcInstall || return 0
	if ___makefile; then
		emake DESTDIR="${D}" install || return
	fi
	if ___feature SrcInstall6; then
		einstalldocs
	else
		___install_DOCS
	fi
}

# ___install_DOCS installs DOCS or, if it was not declared, what usually stands in
# a source tree.
___install_DOCS() {
	local ___file
	if ! ___declared DOCS; then
		for ___file in README* ChangeLog AUTHORS NEWS TODO CHANGES THANKS BUGS FAQ CREDITS CHANGELOG; do
			[[ ! -s ${___file} ]] || dodoc "${___file}" || return
		done
	elif [[ ${DOCS@a} == *a* ]]; then
		[[ ${#DOCS[@]} -eq 0 ]] || dodoc "$@" "${DOCS[@]}"
	elif [[ -n ${DOCS} ]]; then
		dodoc "$@" ${DOCS}
	fi
}

if ___feature Einstalldocs; then
	einstalldocs() (
		docinto / || exit
		___install_DOCS -r || exit
		[[ -n ${HTML_DOCS[*]} ]] || exit 0
		docinto html
		if [[ ${HTML_DOCS@a} == *a* ]]; then
			dodoc -r "${HTML_DOCS[@]}"
		else
			dodoc -r ${HTML_DOCS}
		fi
	)
fi

if ___feature Einstall; then
	einstall() {
		___feature Prefix || local EPREFIX=
		local ___libdir ___prefix=${ED%/}/usr
		___feature Prefix || ___prefix=${D%/}/usr
		___libdir=$(___libdir '')
		set -- "prefix=${___prefix}" "datadir=${___prefix}/share" "mandir=${___prefix}/share/man" "infodir=${___prefix}/share/info" \
			"localstatedir=${___prefix%/usr}/var/lib" "sysconfdir=${___prefix%/usr}/etc" \
			${___libdir:+${CONF_PREFIX:+"libdir=${___prefix%/usr}${CONF_PREFIX}/${___libdir}"}} ${EXTRA_EINSTALL} "$@"
		___makefile || ___fail die 'no Makefile found' 2
		${MAKE:-make} -j1 "$@" install || ___fail die 'einstall failed' 2
	}
else
	einstall() { ___ban einstall Einstall; }
fi

# ___define_defaults makes each phase function of the EAPI exist: the ebuild's
# own, or one that does the default.
___define_defaults() {
	local ___phase
	local -a ___phases=(src_unpack src_compile src_test src_install pkg_nofetch)
	! ___feature SrcConfigure || ___phases+=(src_configure)
	___feature SrcPrepareNone || ___phases+=(src_prepare)
	for ___phase in "${___phases[@]}"; do
		declare -F "${___phase}" >/dev/null || eval "${___phase}() { default_${___phase}; }"
	done
}

# ___define_default makes `default` do what the running phase does by default, and
# the default_ functions of all others an error.
___define_default() {
	local ___phase
	if ___feature DefaultPhases; then
		if declare -F "default_$1" >/dev/null; then
			eval "default() { default_$1; }"
		else
			eval "default() { ___fail die 'default is not for $1' 2; }"
		fi
	fi
	for ___phase in pkg_{pretend,setup,preinst,postinst,prerm,postrm,config,info}; do
		eval "default_${___phase}() { ___fail die 'default_${___phase} is not a function of phases' 2; }"
	done
	for ___phase in src_unpack src_prepare src_configure src_compile src_test src_install pkg_nofetch; do
		[[ ${___phase} != "$1" ]] ||
			continue
		# The body stays reachable for the phases themselves.
		eval "default_${___phase}() { ___fail die 'default_${___phase} is not for ${1}' 2; }"
	done
}
