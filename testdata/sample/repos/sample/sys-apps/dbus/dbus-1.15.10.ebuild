# Written for tumpline's sample repository.

EAPI=8

inherit build-system

DESCRIPTION="Message bus"
HOMEPAGE="https://example.org/dbus"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="|| ( AFL-2.1 GPL-2+ )"
SLOT="0"
KEYWORDS="amd64 arm64"
IUSE="systemd test"

RDEPEND="acct-user/messagebus dev-libs/expat systemd? ( sys-apps/systemd:0= )"
DEPEND="dev-libs/expat systemd? ( sys-apps/systemd:0= )"
BDEPEND="virtual/pkgconfig"
