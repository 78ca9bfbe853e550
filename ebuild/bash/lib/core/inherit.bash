# inherit and EXPORT_FUNCTIONS (PMS, chapter "Eclasses").
#
# ___eclass_path[NAME] is the file of each eclass that the ebuild's repository
# sees. If ___parsed[NAME] is set, it is the name of a function that has the text of
# that file as its body.
#
# INHERITED grows by each eclass when it is complete; ___explicit by those that
# the ebuild itself names. What eclasses give to accumulated variables is kept
# in ___sum_IUSE and its like until the ebuild is complete (___accumulate).
# Every ebuild inherits a dozen eclasses which set few of these variables, so
# inherit first asks for all at once whether there is anything to do.

declare -A ___parsed ___inherited
# Where these are not accumulated, eclasses set them like other variables.
___accumulated_8=
! ___feature AccumulatePROPERTIES || ___accumulated_8+=P
! ___feature AccumulateRESTRICT || ___accumulated_8+=R

inherit() {
	local -x ECLASS
	local ___depth=$(( ___depth + 1 )) ___word ___before= ___exports=()
	for ___word; do
		ECLASS=${___word##*/}
		if [[ -z ${___word} || -z ${___eclass_path[${ECLASS}]} || ${___depth} -ge 50 ]]; then
			[[ -n ${___word} ]] || break
			[[ -n ${___eclass_path[${ECLASS}]} ]] || ___fail eclass "${ECLASS}" 2
			___fail loop "${ECLASS}" 2
		fi
		# What the ebuild, or the eclass that inherits, has set is kept.
		if [[ -n ${IUSE+0}${REQUIRED_USE+1}${DEPEND+2}${RDEPEND+3}${PDEPEND+4}${BDEPEND+5}${IDEPEND+6}${PROPERTIES+7}${RESTRICT+8} ]]; then
			___before=1
			# Not in a function of its own: there, unset would bring to light the variables
			# of an outer inherit.
			local ___own_{IUSE,REQUIRED_USE,DEPEND,RDEPEND,PDEPEND,BDEPEND,IDEPEND,PROPERTIES,RESTRICT}
			unset -v ___own_{IUSE,REQUIRED_USE,DEPEND,RDEPEND,PDEPEND,BDEPEND,IDEPEND,PROPERTIES,RESTRICT}
			[[ -v IUSE ]] && ___own_IUSE=${IUSE}
			[[ -v REQUIRED_USE ]] && ___own_REQUIRED_USE=${REQUIRED_USE}
			[[ -v DEPEND ]] && ___own_DEPEND=${DEPEND}
			[[ -v RDEPEND ]] && ___own_RDEPEND=${RDEPEND}
			[[ -v PDEPEND ]] && ___own_PDEPEND=${PDEPEND}
			[[ -v BDEPEND ]] && ___own_BDEPEND=${BDEPEND}
			[[ -v IDEPEND ]] && ___own_IDEPEND=${IDEPEND}
			[[ -v PROPERTIES ]] && ___own_PROPERTIES=${PROPERTIES}
			[[ -v RESTRICT ]] && ___own_RESTRICT=${RESTRICT}
			unset IUSE REQUIRED_USE DEPEND RDEPEND PDEPEND BDEPEND IDEPEND
			[[ ${___accumulated_8} != *P* ]] || unset PROPERTIES
			[[ ${___accumulated_8} != *R* ]] || unset RESTRICT
		fi
		"${___parsed[${ECLASS}]:-source}" "${___eclass_path[${ECLASS}]}" || ___fail source "${___eclass_path[${ECLASS}]}" 2
		[[ $- != *e* && -z ${IUSE+0}${REQUIRED_USE+1}${DEPEND+2}${RDEPEND+3}${PDEPEND+4}${BDEPEND+5}${IDEPEND+6}${PROPERTIES+7}${RESTRICT+8} ]] || ___collect
		if [[ -n ${___before} ]]; then
			___before=
			[[ -v ___own_IUSE ]] && IUSE=${___own_IUSE}
			[[ -v ___own_REQUIRED_USE ]] && REQUIRED_USE=${___own_REQUIRED_USE}
			[[ -v ___own_DEPEND ]] && DEPEND=${___own_DEPEND}
			[[ -v ___own_RDEPEND ]] && RDEPEND=${___own_RDEPEND}
			[[ -v ___own_PDEPEND ]] && PDEPEND=${___own_PDEPEND}
			[[ -v ___own_BDEPEND ]] && BDEPEND=${___own_BDEPEND}
			[[ -v ___own_IDEPEND ]] && IDEPEND=${___own_IDEPEND}
			[[ ${___accumulated_8} == *P* && -v ___own_PROPERTIES ]] && PROPERTIES=${___own_PROPERTIES}
			[[ ${___accumulated_8} == *R* && -v ___own_RESTRICT ]] && RESTRICT=${___own_RESTRICT}
		fi
		if [[ -v ___exports ]]; then
			___export_functions
			___exports=()
		fi
		if [[ -z ${___inherited[${___word}]} ]]; then
			___inherited[${___word}]=1
			export INHERITED+=" ${___word}"
		fi
		[[ ${___depth} != 1 ]] || ___explicit+=" ${___word}"
	done
	return 0
}

# ___collect adds what an eclass has set to the sums and unsets it, and takes back
# the option to end at errors.
___collect() {
	set +e
	[[ -v IUSE ]] && ___sum_IUSE+="${___sum_IUSE:+ }${IUSE}"
	[[ -v REQUIRED_USE ]] && ___sum_REQUIRED_USE+="${___sum_REQUIRED_USE:+ }${REQUIRED_USE}"
	[[ -v DEPEND ]] && ___sum_DEPEND+="${___sum_DEPEND:+ }${DEPEND}"
	[[ -v RDEPEND ]] && ___sum_RDEPEND+="${___sum_RDEPEND:+ }${RDEPEND}"
	[[ -v PDEPEND ]] && ___sum_PDEPEND+="${___sum_PDEPEND:+ }${PDEPEND}"
	[[ -v BDEPEND ]] && ___sum_BDEPEND+="${___sum_BDEPEND:+ }${BDEPEND}"
	[[ -v IDEPEND ]] && ___sum_IDEPEND+="${___sum_IDEPEND:+ }${IDEPEND}"
	unset IUSE REQUIRED_USE DEPEND RDEPEND PDEPEND BDEPEND IDEPEND
	if [[ ${___accumulated_8} == *P* ]]; then
		[[ -v PROPERTIES ]] && ___sum_PROPERTIES+="${___sum_PROPERTIES:+ }${PROPERTIES}"
		unset PROPERTIES
	fi
	if [[ ${___accumulated_8} == *R* ]]; then
		[[ -v RESTRICT ]] && ___sum_RESTRICT+="${___sum_RESTRICT:+ }${RESTRICT}"
		unset RESTRICT
	fi
}

# ___accumulate completes the accumulated variables after the ebuild: its own
# value first, then those of eclasses in the order in which they were complete.
___accumulate() {
	if ___feature RDEPENDFromDEPEND && [[ ! -v RDEPEND ]]; then
		export RDEPEND=${DEPEND}
	fi
	IUSE+=${IUSE:+ }${___sum_IUSE}
	REQUIRED_USE+=${REQUIRED_USE:+ }${___sum_REQUIRED_USE}
	DEPEND+=${DEPEND:+ }${___sum_DEPEND}
	RDEPEND+=${RDEPEND:+ }${___sum_RDEPEND}
	PDEPEND+=${PDEPEND:+ }${___sum_PDEPEND}
	BDEPEND+=${BDEPEND:+ }${___sum_BDEPEND}
	IDEPEND+=${IDEPEND:+ }${___sum_IDEPEND}
	if ___feature AccumulatePROPERTIES; then
		PROPERTIES+=${PROPERTIES:+ }${___sum_PROPERTIES}
	fi
	if ___feature AccumulateRESTRICT; then
		RESTRICT+=${RESTRICT:+ }${___sum_RESTRICT}
	fi
}

EXPORT_FUNCTIONS() {
	[[ -n ${ECLASS} ]] || ___fail die 'EXPORT_FUNCTIONS outside an eclass' 2
	___exports+=("$@")
}

# ___export_functions makes the functions that the eclass exports those of the
# ebuild; it may define them again.
___export_functions() {
	local ___name ___text=
	for ___name in ${___exports[@]}; do
		# This prints nothing and finds out whether there is such a function.
		declare -f +t "${ECLASS}_${___name}" ||
			___fail die "EXPORT_FUNCTIONS: ${ECLASS}_${___name} is not defined" 3
		___text+="${___name}() { ${ECLASS}_${___name} \"\$@\"; }; "
	done
	eval "${___text}"
}
