# Sets some before it inherits and some after.
IUSE="deep-before"
DEPEND="dev-libs/deep-before"
inherit acc
DEPEND+=" dev-libs/deep-after"
RESTRICT="${RESTRICT} test"
PROPERTIES+=" interactive"
