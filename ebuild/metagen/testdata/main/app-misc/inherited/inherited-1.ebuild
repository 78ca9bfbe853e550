EAPI=8
inherit deep exporter
DESCRIPTION="${INHERITED}"
has acc ${INHERITED} && IUSE=yes
SLOT=0
