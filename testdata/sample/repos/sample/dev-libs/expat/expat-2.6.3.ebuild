# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Stream-oriented XML parser"
HOMEPAGE="https://example.org/expat"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="MIT"
SLOT="0"
KEYWORDS="amd64 arm64"
IUSE="unicode static-libs"

BDEPEND="dev-build/make"
