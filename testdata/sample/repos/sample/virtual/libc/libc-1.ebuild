# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Some C library"
HOMEPAGE="https://example.org/libc"

SLOT="0"
KEYWORDS="amd64 arm64"

RDEPEND="|| ( sys-libs/glibc:2.2 sys-libs/musl )"
