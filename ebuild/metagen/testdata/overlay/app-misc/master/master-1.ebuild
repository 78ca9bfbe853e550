EAPI=8
inherit own globals
DESCRIPTION="${WHICH}"
SLOT=0
