# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Perl-like regular expressions"
HOMEPAGE="https://example.org/libpcre2"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="BSD"
SLOT="0/3"
KEYWORDS="amd64 arm64"
IUSE="+jit +unicode"
