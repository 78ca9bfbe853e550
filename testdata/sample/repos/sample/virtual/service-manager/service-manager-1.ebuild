# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Some service manager"
HOMEPAGE="https://example.org/service-manager"

SLOT="0"
KEYWORDS="amd64 arm64"

RDEPEND="|| ( sys-apps/systemd sys-apps/sysvinit )"
