# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Pluggable authentication"
HOMEPAGE="https://example.org/pam"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="|| ( BSD GPL-2 )"
SLOT="0"
KEYWORDS="amd64 arm64"
IUSE="nis"

RDEPEND="virtual/libc"
BDEPEND="dev-build/make"
PDEPEND="sys-auth/pambase"
