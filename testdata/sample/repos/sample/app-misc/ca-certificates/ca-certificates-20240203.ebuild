# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Certificates of public authorities"
HOMEPAGE="https://example.org/ca-certificates"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="MPL-1.1"
SLOT="0"
KEYWORDS="amd64 arm64"

BDEPEND="dev-lang/python:*"
IDEPEND="dev-libs/openssl"
