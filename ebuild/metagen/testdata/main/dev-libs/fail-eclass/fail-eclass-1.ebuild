EAPI=8
SLOT=0

inherit acc none-such
