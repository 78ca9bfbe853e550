# Written for tumpline's sample repository.

EAPI=8

inherit build-system

DESCRIPTION="Fast lossless compressor"
HOMEPAGE="https://example.org/zstd"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="BSD"
SLOT="0/1"
KEYWORDS="amd64 arm64"
IUSE="+lzma lz4"

RDEPEND="lzma? ( app-arch/xz-utils )"
DEPEND="${RDEPEND}"
BDEPEND="dev-build/meson"
