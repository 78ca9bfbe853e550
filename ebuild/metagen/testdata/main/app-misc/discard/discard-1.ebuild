EAPI=8
DESCRIPTION="goes on after a failed expansion"
X=( /nonexistent-* )
SLOT=0
readonly Z=1
Z=2
IUSE="reached"
