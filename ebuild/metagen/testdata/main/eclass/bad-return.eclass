IUSE=x
[[ -z ${IUSE} ]]
