EAPI=8
inherit globals
DESCRIPTION="${GLOBALS_CALLED}"
SLOT=0
DEPEND="$(globals_depend dev-util)"
