EAPI=9
inherit globals
X="a b"
DESCRIPTION="${X@Q} ${BASH_COMPAT}"
SLOT=0
