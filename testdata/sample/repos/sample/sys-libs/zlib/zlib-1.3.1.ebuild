# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Deflate library"
HOMEPAGE="https://example.org/zlib"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="ZLIB"
SLOT="0/1"
KEYWORDS="amd64 arm64"
IUSE="minizip static-libs"
