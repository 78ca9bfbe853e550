# inherit and EXPORT_FUNCTIONS (PMS, chapter "Eclasses").
#
# ___eclass_path[NAME] is the file of each eclass that the ebuild's repository
# sees. If there is a function ___eclass:NAME, its body is the text of that file.
#
# INHERITED grows by each eclass when it is complete; ___explicit by those that
# the ebuild itself names. What eclasses give to accumulated variables is kept
# in ___sum_IUSE and its like until the ebuild is complete (___accumulate).

inherit() {
	local -x ECLASS
	local -a ___exports
	local ___depth=$(( ___depth + 1 )) ___word ___options=${BASHOPTS}
	local ___own_{IUSE,REQUIRED_USE,DEPEND,RDEPEND,PDEPEND,BDEPEND,IDEPEND,PROPERTIES,RESTRICT}
	for ___word; do
		[[ -n ${___word} ]] || break
		ECLASS=${___word##*/}
		___exports=()
		[[ -n ${___eclass_path[${ECLASS}]} ]] ||
			___fail eclass "${ECLASS}" 2
		[[ ${___depth} -lt 100 ]] || ___fail loop "${ECLASS}" 2
		# Keep what the ebuild, or the eclass that inherits, has set of the
		# accumulated variables. Not in a function of its own: there, unset would
		# bring to light the variable of an outer inherit.
		unset -v ___own_{IUSE,REQUIRED_USE,DEPEND,RDEPEND,PDEPEND,BDEPEND,IDEPEND,PROPERTIES,RESTRICT}
		[[ -v IUSE ]] && ___own_IUSE=${IUSE}
		[[ -v REQUIRED_USE ]] && ___own_REQUIRED_USE=${REQUIRED_USE}
		[[ -v DEPEND ]] && ___own_DEPEND=${DEPEND}
		[[ -v RDEPEND ]] && ___own_RDEPEND=${RDEPEND}
		[[ -v PDEPEND ]] && ___own_PDEPEND=${PDEPEND}
		[[ -v BDEPEND ]] && ___own_BDEPEND=${BDEPEND}
		[[ -v IDEPEND ]] && ___own_IDEPEND=${IDEPEND}
		unset IUSE REQUIRED_USE DEPEND RDEPEND PDEPEND BDEPEND IDEPEND
		if ___feature AccumulatePROPERTIES; then
			[[ -v PROPERTIES ]] && ___own_PROPERTIES=${PROPERTIES}
			unset PROPERTIES
		fi
		if ___feature AccumulateRESTRICT; then
			[[ -v RESTRICT ]] && ___own_RESTRICT=${RESTRICT}
			unset RESTRICT
		fi
		___source_eclass "${___eclass_path[${ECLASS}]}" ||
			___fail source "${___eclass_path[${ECLASS}]}" 2
		set +e
		[[ ${BASHOPTS} == "${___options}" ]] ||
			eqawarn "QA Notice: shell options changed by ${ECLASS}.eclass"
		# Add what the eclass has set to the sums, and bring back what was kept.
		[[ -v IUSE ]] && ___sum_IUSE+="${___sum_IUSE:+ }${IUSE}"
		[[ -v REQUIRED_USE ]] && ___sum_REQUIRED_USE+="${___sum_REQUIRED_USE:+ }${REQUIRED_USE}"
		[[ -v DEPEND ]] && ___sum_DEPEND+="${___sum_DEPEND:+ }${DEPEND}"
		[[ -v RDEPEND ]] && ___sum_RDEPEND+="${___sum_RDEPEND:+ }${RDEPEND}"
		[[ -v PDEPEND ]] && ___sum_PDEPEND+="${___sum_PDEPEND:+ }${PDEPEND}"
		[[ -v BDEPEND ]] && ___sum_BDEPEND+="${___sum_BDEPEND:+ }${BDEPEND}"
		[[ -v IDEPEND ]] && ___sum_IDEPEND+="${___sum_IDEPEND:+ }${IDEPEND}"
		if [[ -v ___own_IUSE ]]; then IUSE=${___own_IUSE}; else unset IUSE; fi
		if [[ -v ___own_REQUIRED_USE ]]; then REQUIRED_USE=${___own_REQUIRED_USE}; else unset REQUIRED_USE; fi
		if [[ -v ___own_DEPEND ]]; then DEPEND=${___own_DEPEND}; else unset DEPEND; fi
		if [[ -v ___own_RDEPEND ]]; then RDEPEND=${___own_RDEPEND}; else unset RDEPEND; fi
		if [[ -v ___own_PDEPEND ]]; then PDEPEND=${___own_PDEPEND}; else unset PDEPEND; fi
		if [[ -v ___own_BDEPEND ]]; then BDEPEND=${___own_BDEPEND}; else unset BDEPEND; fi
		if [[ -v ___own_IDEPEND ]]; then IDEPEND=${___own_IDEPEND}; else unset IDEPEND; fi
		if ___feature AccumulatePROPERTIES; then
			[[ -v PROPERTIES ]] && ___sum_PROPERTIES+="${___sum_PROPERTIES:+ }${PROPERTIES}"
			if [[ -v ___own_PROPERTIES ]]; then PROPERTIES=${___own_PROPERTIES}; else unset PROPERTIES; fi
		fi
		if ___feature AccumulateRESTRICT; then
			[[ -v RESTRICT ]] && ___sum_RESTRICT+="${___sum_RESTRICT:+ }${RESTRICT}"
			if [[ -v ___own_RESTRICT ]]; then RESTRICT=${___own_RESTRICT}; else unset RESTRICT; fi
		fi
		[[ ${#___exports[@]} -eq 0 ]] || ___export_functions
		[[ " ${INHERITED} " == *" ${___word} "* ]] || export INHERITED+=" ${___word}"
		[[ ${___depth} -ne 1 ]] || ___explicit+=" ${___word}"
	done
	return 0
}

# ___source_eclass FILE runs the eclass ECLASS.
___source_eclass() {
	if [[ ${___parsed} == *" ${ECLASS} "* ]]; then
		"___eclass:${ECLASS}" "$1"
	else
		source "$1"
	fi
}

# ___accumulate completes the accumulated variables after the ebuild: its own
# value first, then those of eclasses in the order in which they were complete.
___accumulate() {
	if ___feature RDEPENDFromDEPEND && [[ ! -v RDEPEND ]]; then
		RDEPEND=${DEPEND}
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
	local ___name
	for ___name in ${___exports[@]}; do
		declare -F "${ECLASS}_${___name}" >/dev/null ||
			___fail die "EXPORT_FUNCTIONS: ${ECLASS}_${___name} is not defined" 3
		eval "${___name}() { ${ECLASS}_${___name} \"\$@\"; }"
	done
}
