# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Users, groups and passwords"
HOMEPAGE="https://example.org/shadow"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="BSD"
SLOT="0/4"
KEYWORDS="amd64 arm64"
IUSE="pam nls"

RDEPEND="pam? ( sys-libs/pam )"
DEPEND="${RDEPEND}"
