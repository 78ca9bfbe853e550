EAPI=8
SLOT=0
inherit bad-return
