EAPI=8
SLOT=0
die "no reason"
