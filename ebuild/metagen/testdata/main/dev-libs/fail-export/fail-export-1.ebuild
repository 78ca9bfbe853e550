EAPI=8
SLOT=0
inherit bad-export
