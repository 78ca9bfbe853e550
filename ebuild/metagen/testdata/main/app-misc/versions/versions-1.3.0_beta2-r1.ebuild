EAPI=8
DESCRIPTION="$(ver_cut 1) $(ver_cut 2-) $(ver_cut 1-2 a1b2.3) $(ver_rs 1 -) $(ver_rs 2- _ 1 . 1.2b-3) ${PV}:${PVR}:${PR}:${P}:${PF}:${CATEGORY}"
SLOT=0
ver_test -gt 1.2 && IUSE="gt"
ver_test 1.2_alpha -lt 1.2_rc1 && IUSE+=" lt"
ver_test ${PV} -eq 1.3.0_beta2-r0 && IUSE+=" eq"
