EAPI=7
RESTRICT="fetch"
inherit acc
DESCRIPTION="d"
SLOT=0
PROPERTIES+=" own"
