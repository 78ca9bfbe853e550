EAPI=5
X=( /nonexistent-* )
DESCRIPTION="${X[0]}"
SLOT=0
