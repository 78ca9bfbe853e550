EAPI=8
SLOT=0
inherit loop-a
