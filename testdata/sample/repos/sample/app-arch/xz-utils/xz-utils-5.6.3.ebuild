# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Tools and library for the xz format"
HOMEPAGE="https://example.org/xz-utils"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="public-domain"
SLOT="0"
KEYWORDS="amd64 arm64"
IUSE="nls static-libs"

BDEPEND="nls? ( sys-devel/gettext )"
