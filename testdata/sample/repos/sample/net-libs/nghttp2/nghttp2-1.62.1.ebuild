# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="HTTP/2 in C"
HOMEPAGE="https://example.org/nghttp2"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="MIT"
SLOT="0/1.14"
KEYWORDS="amd64 arm64"
IUSE="systemd utils"

RDEPEND="
	utils? (
		dev-libs/openssl:0=
		dev-libs/jansson:=
	)
	systemd? (
		sys-apps/systemd
	)
"
DEPEND="${RDEPEND}"
BDEPEND="virtual/pkgconfig"
