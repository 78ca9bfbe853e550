# Written for tumpline's sample repository.

EAPI=7

DESCRIPTION="JSON for C"
HOMEPAGE="https://example.org/jansson"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="MIT"
SLOT="0/4"
KEYWORDS="amd64 arm64"
IUSE="doc"

BDEPEND="doc? ( dev-lang/python:3.12 )"
