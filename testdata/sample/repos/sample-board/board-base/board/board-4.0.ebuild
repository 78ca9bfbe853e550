# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Everything that a board has"
HOMEPAGE="https://example.org/board"

SLOT="0"
KEYWORDS="amd64 arm64"
IUSE="+containers"

RDEPEND="
	app-shells/bash
	net-misc/curl
	sys-apps/baselayout
	sys-apps/coreutils
	sys-apps/shadow
	sys-apps/systemd
	sys-apps/util-linux
	sys-libs/glibc
	virtual/service-manager
	virtual/udev
	containers? (
		app-containers/runlet
	)
"
