# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Some pkg-config"
HOMEPAGE="https://example.org/pkgconfig"

SLOT="0"
KEYWORDS="amd64 arm64"

RDEPEND="|| ( >=dev-util/pkgconf-1.3 >=dev-util/pkg-config-0.29 )"
