# Nothing but comments before the EAPI

  EAPI="7" # and one behind it
SLOT=0
DESCRIPTION="no eclass"
