# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Loads kernel modules"
HOMEPAGE="https://example.org/kmod"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="LGPL-2"
SLOT="0"
KEYWORDS="amd64 arm64"
IUSE="+zstd +openssl"

RDEPEND="zstd? ( >=app-arch/zstd-1.5:= ) openssl? ( dev-libs/openssl:0= )"
DEPEND="${RDEPEND}"
BDEPEND="virtual/pkgconfig"
