EAPI=8

inherit upstream

DESCRIPTION="meson: a library"
HOMEPAGE="https://github.com/benhoyt/inih"
SRC_URI="file://@SOURCES@/@FILE@"
LICENSE="BSD"
SLOT="0"
KEYWORDS="amd64 arm64"

src_configure() { upstream_meson -Ddefault_library=shared -Ddistro_install=true -Dwith_INIReader=false; }

src_compile() { upstream_ninja; }

src_install() {
	DESTDIR="${D}" upstream_ninja install
	einstalldocs
}
