# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Users, groups and passwords"
HOMEPAGE="https://example.org/shadow"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="BSD"
SLOT="0/5"
KEYWORDS="amd64 arm64"
IUSE="+pam nls"

RDEPEND="pam? ( sys-libs/pam ) !<sys-apps/util-linux-2.40"
DEPEND="pam? ( sys-libs/pam )"
BDEPEND="nls? ( sys-devel/gettext )"
