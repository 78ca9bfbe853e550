# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="File, text and shell tools"
HOMEPAGE="https://example.org/coreutils"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="GPL-3+"
SLOT="0"
KEYWORDS="amd64 arm64"
IUSE="acl +openssl nls"

RDEPEND="openssl? ( dev-libs/openssl:= )"
DEPEND="${RDEPEND}"
BDEPEND="app-arch/xz-utils dev-lang/perl"
