EAPI=8
inherit exporter globals
DESCRIPTION="$(declare -f globals_unused)"
SLOT=0
