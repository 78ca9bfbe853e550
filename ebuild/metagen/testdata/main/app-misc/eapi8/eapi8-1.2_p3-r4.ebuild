EAPI=8

inherit deep acc exporter

DESCRIPTION="EAPI 8:  blanks	and tabs"
HOMEPAGE="https://example.org/
	https://example.com/"
SRC_URI="https://example.org/${P}.tar.gz"
LICENSE="|| ( A B )"
SLOT="0"
KEYWORDS="amd64 ~arm64"
IUSE="own"
DEPEND="dev-libs/own-d"
RDEPEND="${DEPEND}
	dev-libs/own-r"
BDEPEND="dev-libs/own-b"
IDEPEND="dev-libs/own-i"
PDEPEND="dev-libs/own-p"
REQUIRED_USE="own"

src_prepare() { :; }
src_configure() { :; }
pkg_pretend() { :; }
src_install() {
	default
}
