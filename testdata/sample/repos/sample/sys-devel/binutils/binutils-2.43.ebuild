# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Assembler and linker"
HOMEPAGE="https://example.org/binutils"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="GPL-3+"
SLOT="2.43"
KEYWORDS="amd64 arm64"
IUSE="+plugins"

RDEPEND="sys-libs/zlib"
DEPEND="${RDEPEND}"
