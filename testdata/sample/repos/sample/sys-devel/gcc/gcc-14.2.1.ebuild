# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Compilers"
HOMEPAGE="https://example.org/gcc"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="GPL-3+"
SLOT="14"
KEYWORDS="amd64 arm64"
IUSE="+cxx lto"

RDEPEND="sys-libs/zlib virtual/libc"
DEPEND="sys-libs/zlib"
BDEPEND=">=sys-devel/binutils-2.30"
