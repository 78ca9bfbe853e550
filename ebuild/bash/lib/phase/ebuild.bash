# Sourcing of the ebuild and of what the user adds to it.

# ___source_bashrcs sources the user's files in their order.
___source_bashrcs() {
	local ___file
	for ___file in "${___bashrcs[@]}"; do
		[[ ! -r ${___file} ]] || source "${___file}" || ___fail source "${___file}" 2
	done
	set +e
}

# ___before_ebuild clears what the ebuild and its eclasses will set.
___before_ebuild() {
	unset -v S IUSE REQUIRED_USE DEPEND RDEPEND PDEPEND BDEPEND IDEPEND ___sum_{IUSE,REQUIRED_USE,DEPEND,RDEPEND,PDEPEND,BDEPEND,IDEPEND}
	! ___feature AccumulateRESTRICT || unset -v RESTRICT PROPERTIES
	export S=${WORKDIR}/${P}
}
