# ___feature NAME says whether the EAPI has the feature that atoms/eapi calls
# NAME. The names of those that it has stand in ___features, between blanks.
___feature() {
	[[ ${___features} == *" $1 "* ]]
}
