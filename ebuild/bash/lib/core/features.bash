# ___feature NAME says whether the EAPI has the feature that atoms/eapi calls
# NAME: ___features[NAME] is set then.
___feature() {
	[[ -n ${___features[$1]} ]]
}
