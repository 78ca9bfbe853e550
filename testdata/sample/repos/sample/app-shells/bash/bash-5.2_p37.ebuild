# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="The shell of the base system"
HOMEPAGE="https://example.org/bash"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="GPL-3+"
SLOT="0"
KEYWORDS="amd64 arm64"
IUSE="nls +readline"

RDEPEND=">=sys-libs/ncurses-6.4:= readline? ( >=sys-libs/readline-8.2:= )"
DEPEND="${RDEPEND}"
BDEPEND="virtual/pkgconfig"
