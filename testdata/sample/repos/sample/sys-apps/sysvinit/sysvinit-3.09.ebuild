# Written for tumpline's sample repository.

EAPI=7

DESCRIPTION="The init of old"
HOMEPAGE="https://example.org/sysvinit"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="GPL-2"
SLOT="0"
KEYWORDS="amd64 arm64"

RDEPEND="!sys-apps/systemd"
