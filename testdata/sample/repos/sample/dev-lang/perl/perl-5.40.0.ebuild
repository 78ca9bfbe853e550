# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Language for text and glue"
HOMEPAGE="https://example.org/perl"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="|| ( Artistic GPL-1+ )"
SLOT="0/5.40"
KEYWORDS="amd64 arm64"
IUSE="+berkdb"

RDEPEND="sys-libs/zlib app-arch/bzip2"
DEPEND="${RDEPEND}"
