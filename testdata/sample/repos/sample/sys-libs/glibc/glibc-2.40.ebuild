# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="The C library"
HOMEPAGE="https://example.org/glibc"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="LGPL-2.1+"
SLOT="2.2"
KEYWORDS="amd64 arm64"
IUSE="crypt"

RDEPEND="sys-apps/baselayout !<sys-apps/coreutils-9"
DEPEND="virtual/os-headers"
BDEPEND="dev-lang/python:* sys-devel/gcc"
