# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Answers what to compile and link with"
HOMEPAGE="https://example.org/pkgconf"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="ISC"
SLOT="0/5"
KEYWORDS="amd64 arm64"
IUSE="test"
