EAPI=7
X=abc
DESCRIPTION="${X/b/&x}"
SLOT=0
[[ ${BASH_COMPAT} == 4.2 ]] && IUSE="compat"
