# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Message catalogues"
HOMEPAGE="https://example.org/gettext"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="GPL-3+"
SLOT="0"
KEYWORDS="amd64 arm64"
