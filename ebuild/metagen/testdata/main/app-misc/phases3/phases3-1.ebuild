EAPI=3
DESCRIPTION="d"
SLOT=0
src_unpack() { :; }
src_test() { :; }
src_prepare() { :; }
src_install() { :; }
src_configure() { :; }
src_compile() { :; }
pkg_setup() { :; }
pkg_prerm() { :; }
pkg_pretend() { :; }
pkg_preinst() { :; }
pkg_postrm() { :; }
pkg_postinst() { :; }
pkg_nofetch() { :; }
pkg_info() { :; }
pkg_config() { :; }
pkg_none() { :; }
