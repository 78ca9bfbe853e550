# Written for tumpline's sample repository.

EAPI=7

DESCRIPTION="Block-sorting compressor"
HOMEPAGE="https://example.org/bzip2"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="BSD"
SLOT="0/1"
KEYWORDS="amd64 arm64"
IUSE="static-libs"
