# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Tools near the kernel"
HOMEPAGE="https://example.org/util-linux"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="GPL-2 LGPL-2.1"
SLOT="0"
KEYWORDS="amd64 arm64"
IUSE="+su pam +udev +ncurses"

RDEPEND="sys-libs/zlib pam? ( sys-libs/pam ) ncurses? ( sys-libs/ncurses:= )"
DEPEND="${RDEPEND}"
BDEPEND="virtual/pkgconfig"
