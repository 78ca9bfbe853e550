# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Folders and files of the base system"
HOMEPAGE="https://example.org/baselayout"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="GPL-2"
SLOT="0"
KEYWORDS="amd64 arm64"
IUSE="+split-usr"
