# @ECLASS: build-system
# @BLURB: what ebuilds built with meson share

case ${EAPI} in
	7|8|9) ;;
	*) die "${ECLASS}: EAPI ${EAPI} not supported" ;;
esac

BDEPEND=">=dev-build/meson-1.2 dev-build/ninja"

build-system_src_configure() {
	meson setup --prefix="${EPREFIX}/usr" "${S}" "${WORKDIR}/build" || die
}

build-system_src_compile() {
	meson compile -C "${WORKDIR}/build" || die
}

build-system_src_install() {
	DESTDIR="${D}" meson install -C "${WORKDIR}/build" || die
}

EXPORT_FUNCTIONS src_configure src_compile src_install
