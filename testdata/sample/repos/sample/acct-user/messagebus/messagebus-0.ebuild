# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="User of the message bus"
HOMEPAGE="https://example.org/messagebus"

SLOT="0"
KEYWORDS="amd64 arm64"

RDEPEND="acct-group/messagebus"
IDEPEND="acct-group/messagebus sys-apps/shadow"
