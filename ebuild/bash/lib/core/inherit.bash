# inherit and EXPORT_FUNCTIONS (PMS, chapter "Eclasses").
#
# ___eclass_path[NAME] is the file of each eclass that the ebuild's repository
# sees. If ___parsed[NAME] is set, it is the name of a function that has the text of
# that file as its body. It begins with ___plain if that text neither sees nor sets
# the accumulated variables. ___guard[NAME] is the name of a variable: if it is set, to
# inherit the eclass again does nothing.
#
# INHERITED grows by each eclass when it is complete; ___explicit by those that
# the ebuild itself names. What eclasses give to accumulated variables is kept
# in ___sum_IUSE and its like until the ebuild is complete (___accumulate).
# Every ebuild inherits a dozen eclasses which set few of these variables, so
# inherit first asks for all at once whether there is anything to do.

declare -A ___parsed ___guard ___inherited
# Where these are not accumulated, eclasses set them like other variables.
___accumulated_8=
! ___feature AccumulatePROPERTIES || ___accumulated_8+=P
! ___feature AccumulateRESTRICT || ___accumulated_8+=R

inherit() {
	local -x ECLASS
	local ___depth=$(( ___depth + 1 )) ___word ___before= ___own ___exports=()
	for ___word; do
		ECLASS=${___word##*/}
		if [[ -n ${___word} && -n ${___inherited[${___word}]} && -n ${___guard[${ECLASS}]} && -n ${!___guard[${ECLASS}]} ]]; then
			[[ ${___depth} != 1 ]] || ___explicit+=" ${___word}"
			continue
		elif [[ -z ${___word} || -z ${___eclass_path[${ECLASS}]} || ${___depth} -ge 50 ]]; then
			[[ -n ${___word} ]] || break
			[[ -n ${___eclass_path[${ECLASS}]} ]] || ___fail eclass "${ECLASS}" 2
			___fail loop "${ECLASS}" 2
		elif [[ ${___parsed[${ECLASS}]} == ___plain:* ]]; then
			"${___parsed[${ECLASS}]}" "${___eclass_path[${ECLASS}]}" || ___fail source "${___eclass_path[${ECLASS}]}" 2
		else
			# What the ebuild, or the eclass that inherits, has set is kept.
			___before=${IUSE+0}${REQUIRED_USE+1}${DEPEND+2}${RDEPEND+3}${PDEPEND+4}${BDEPEND+5}${IDEPEND+6}${PROPERTIES+7}${RESTRICT+8}
			if [[ -n ${___before} ]]; then
				___own=("${IUSE-}" "${REQUIRED_USE-}" "${DEPEND-}" "${RDEPEND-}" "${PDEPEND-}" "${BDEPEND-}" "${IDEPEND-}" "${PROPERTIES-}" "${RESTRICT-}")
				unset IUSE REQUIRED_USE DEPEND RDEPEND PDEPEND BDEPEND IDEPEND
				[[ ${___accumulated_8} != *P* ]] || unset PROPERTIES
				[[ ${___accumulated_8} != *R* ]] || unset RESTRICT
			fi
			"${___parsed[${ECLASS}]:-source}" "${___eclass_path[${ECLASS}]}" || ___fail source "${___eclass_path[${ECLASS}]}" 2
			[[ $- != *e* && -z ${IUSE+0}${REQUIRED_USE+1}${DEPEND+2}${RDEPEND+3}${PDEPEND+4}${BDEPEND+5}${IDEPEND+6}${PROPERTIES+7}${RESTRICT+8} ]] || ___collect
			[[ -z ${___before} ]] || ___restore
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

# ___restore gives the variables of which ___before has the numbers back what they
# had before an eclass, which is in ___own.
___restore() {
	[[ ${___before} != *0* ]] || IUSE=${___own[0]}
	[[ ${___before} != *1* ]] || REQUIRED_USE=${___own[1]}
	[[ ${___before} != *2* ]] || DEPEND=${___own[2]}
	[[ ${___before} != *3* ]] || RDEPEND=${___own[3]}
	[[ ${___before} != *4* ]] || PDEPEND=${___own[4]}
	[[ ${___before} != *5* ]] || BDEPEND=${___own[5]}
	[[ ${___before} != *6* ]] || IDEPEND=${___own[6]}
	[[ ${___before} != *7* || ${___accumulated_8} != *P* ]] || PROPERTIES=${___own[7]}
	[[ ${___before} != *8* || ${___accumulated_8} != *R* ]] || RESTRICT=${___own[8]}
}

# ___collect adds what an eclass has set to the sums and unsets it, and takes back
# the option to end at errors.
___collect() {
	set +e
	___sum_IUSE+=${IUSE+${___sum_IUSE:+ }${IUSE}} \
		___sum_REQUIRED_USE+=${REQUIRED_USE+${___sum_REQUIRED_USE:+ }${REQUIRED_USE}} \
		___sum_DEPEND+=${DEPEND+${___sum_DEPEND:+ }${DEPEND}} \
		___sum_RDEPEND+=${RDEPEND+${___sum_RDEPEND:+ }${RDEPEND}} \
		___sum_PDEPEND+=${PDEPEND+${___sum_PDEPEND:+ }${PDEPEND}} \
		___sum_BDEPEND+=${BDEPEND+${___sum_BDEPEND:+ }${BDEPEND}} \
		___sum_IDEPEND+=${IDEPEND+${___sum_IDEPEND:+ }${IDEPEND}}
	unset IUSE REQUIRED_USE DEPEND RDEPEND PDEPEND BDEPEND IDEPEND
	if [[ ${___accumulated_8} == *P* ]]; then
		___sum_PROPERTIES+=${PROPERTIES+${___sum_PROPERTIES:+ }${PROPERTIES}}
		unset PROPERTIES
	fi
	if [[ ${___accumulated_8} == *R* ]]; then
		___sum_RESTRICT+=${RESTRICT+${___sum_RESTRICT:+ }${RESTRICT}}
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
