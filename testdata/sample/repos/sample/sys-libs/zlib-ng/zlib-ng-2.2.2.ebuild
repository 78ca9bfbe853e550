# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Deflate library, rewritten"
HOMEPAGE="https://example.org/zlib-ng"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="ZLIB"
SLOT="0"
KEYWORDS="~amd64 ~arm64"
IUSE="compat"

RDEPEND="compat? ( !sys-libs/zlib )"
