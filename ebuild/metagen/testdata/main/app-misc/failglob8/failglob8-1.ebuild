EAPI=8
DESCRIPTION=before
DESCRIPTION=$(echo /nonexistent-*)
SLOT=0
true
