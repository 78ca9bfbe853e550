# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Text screens"
HOMEPAGE="https://example.org/ncurses"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="MIT"
SLOT="0/6"
KEYWORDS="amd64 arm64"
IUSE="+cxx minimal"

BDEPEND="virtual/pkgconfig"
