# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Kernel headers"
HOMEPAGE="https://example.org/os-headers"

SLOT="0"
KEYWORDS="amd64 arm64"

RDEPEND="|| ( sys-kernel/linux-headers sys-kernel/vendor-headers )"
