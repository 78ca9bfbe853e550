EAPI=8
SLOT=0
if true; then
	echo )
fi
