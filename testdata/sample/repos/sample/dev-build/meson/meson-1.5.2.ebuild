# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Build system with a language of its own"
HOMEPAGE="https://example.org/meson"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="Apache-2.0"
SLOT="0"
KEYWORDS="amd64 arm64"
IUSE="test"

RDEPEND=">=dev-lang/python-3.11:* dev-build/ninja"
BDEPEND="dev-lang/python:*"
