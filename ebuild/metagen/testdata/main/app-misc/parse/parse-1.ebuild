EAPI=8
inherit extglob alias quotes
DESCRIPTION="eclasses that are hard to parse"
SLOT=0
