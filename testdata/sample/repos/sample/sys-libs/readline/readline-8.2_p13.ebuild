# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Line editing"
HOMEPAGE="https://example.org/readline"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="GPL-3+"
SLOT="0/8"
KEYWORDS="amd64 arm64"
IUSE="+unicode"

RDEPEND=">=sys-libs/ncurses-6.4:="
DEPEND="${RDEPEND}"
