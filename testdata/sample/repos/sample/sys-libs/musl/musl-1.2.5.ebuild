# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="A small C library"
HOMEPAGE="https://example.org/musl"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64 ~arm64"

RDEPEND="!sys-libs/glibc"
