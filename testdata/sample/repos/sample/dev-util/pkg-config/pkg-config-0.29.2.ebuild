# Written for tumpline's sample repository.

EAPI=7

DESCRIPTION="The first of its kind"
HOMEPAGE="https://example.org/pkg-config"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="GPL-2+"
SLOT="0"
KEYWORDS="amd64 arm64"

RDEPEND="!dev-util/pkgconf"
