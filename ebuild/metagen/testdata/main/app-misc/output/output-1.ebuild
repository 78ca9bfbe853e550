EAPI=8
echo to standard output
einfo to the "user\nin lines"
echo to standard error >&2
DESCRIPTION="d"
SLOT=0
