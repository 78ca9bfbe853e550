# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="System call filters"
HOMEPAGE="https://example.org/libseccomp"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="LGPL-2.1"
SLOT="0/2"
KEYWORDS="amd64 arm64"
IUSE="static-libs"

DEPEND=">=sys-kernel/linux-headers-5.15"
BDEPEND="dev-build/make"
