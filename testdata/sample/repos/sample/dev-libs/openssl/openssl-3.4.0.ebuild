# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Cryptography and TLS"
HOMEPAGE="https://example.org/openssl"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="Apache-2.0"
SLOT="0/3.4"
KEYWORDS="amd64 arm64"
IUSE="+asm fips +quic test"
REQUIRED_USE="fips? ( asm )"

RDEPEND="sys-libs/zlib app-misc/ca-certificates"
DEPEND="sys-libs/zlib"
BDEPEND=">=dev-lang/perl-5 test? ( dev-build/ninja )"
