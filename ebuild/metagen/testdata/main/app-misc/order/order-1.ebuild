EAPI=8
IUSE="first"
DEPEND="dev-libs/first"
RESTRICT="fetch"
inherit acc
IUSE+=" second"
inherit deep
DEPEND+=" dev-libs/second"
DESCRIPTION="d"
SLOT=0
