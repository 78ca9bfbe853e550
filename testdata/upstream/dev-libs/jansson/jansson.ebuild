EAPI=8

inherit upstream

DESCRIPTION="autotools: a library, whose configure script is made anew"
HOMEPAGE="https://github.com/akheron/jansson"
SRC_URI="file://@SOURCES@/@FILE@"
LICENSE="MIT"
SLOT="0/4"
KEYWORDS="amd64 arm64"
IUSE="static-libs test"
RESTRICT="!test? ( test )"

src_prepare() {
	default
	autoreconf --force --install || die
}

src_configure() {
	upstream_tools
	econf $(use_enable static-libs static)
}

src_install() {
	default
	find "${ED}" -name '*.la' -delete || die
}
