# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Kernel headers for the C library"
HOMEPAGE="https://example.org/linux-headers"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="GPL-2"
SLOT="0"
KEYWORDS="amd64 arm64"

BDEPEND="app-arch/xz-utils dev-lang/perl"
