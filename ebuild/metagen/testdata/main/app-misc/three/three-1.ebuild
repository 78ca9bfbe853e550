EAPI=3
DESCRIPTION="RDEPEND is empty, not unset"
SLOT="0"
DEPEND="dev-libs/a"
RDEPEND=""
inherit acc
