# Uses an alias on the line after its definition.
alias alias_iuse="IUSE=from-alias"
alias_iuse
unalias alias_iuse
