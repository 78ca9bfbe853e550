# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Small build system that others write for"
HOMEPAGE="https://example.org/ninja"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="Apache-2.0"
SLOT="0"
KEYWORDS="amd64 arm64"
IUSE="test"
