EAPI=7
inherit globals globals
DESCRIPTION="${GLOBALS_CALLED}"
SLOT=0
