# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Group of the message bus"
HOMEPAGE="https://example.org/messagebus"

SLOT="0"
KEYWORDS="amd64 arm64"

IDEPEND="sys-apps/shadow"
