EAPI=8
X=$(sed -n p)
Y="${X:-empty} $?"
DESCRIPTION="missing commands: ${Y}"
SLOT=0
