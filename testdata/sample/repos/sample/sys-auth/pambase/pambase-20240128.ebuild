# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Rules for pluggable authentication"
HOMEPAGE="https://example.org/pambase"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="MIT"
SLOT="0"
KEYWORDS="amd64 arm64"
IUSE="+shadow systemd"

RDEPEND=">=sys-libs/pam-1.5.3 shadow? ( sys-apps/shadow )"
