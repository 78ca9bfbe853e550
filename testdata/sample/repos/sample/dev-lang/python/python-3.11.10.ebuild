# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Language, third series"
HOMEPAGE="https://example.org/python"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="PSF-2"
SLOT="3.11"
KEYWORDS="amd64 arm64"
IUSE="ssl sqlite"

RDEPEND="sys-libs/zlib:0= ssl? ( dev-libs/openssl:= )"
DEPEND="${RDEPEND}"
BDEPEND="virtual/pkgconfig"
