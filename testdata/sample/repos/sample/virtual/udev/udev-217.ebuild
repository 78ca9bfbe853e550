# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Some device manager"
HOMEPAGE="https://example.org/udev"

SLOT="0"
KEYWORDS="amd64 arm64"

RDEPEND="|| ( >=sys-apps/systemd-217[udev(+)] sys-fs/eudev )"
