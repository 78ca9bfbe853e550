# Written for tumpline's sample repository.

EAPI=7

DESCRIPTION="Runs rules from makefiles"
HOMEPAGE="https://example.org/make"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="GPL-3+"
SLOT="0"
KEYWORDS="amd64 arm64"
IUSE="guile nls"
