# Shell options that hold for all code of ebuilds, whatever the EAPI (PMS,
# section "Bash version"): options of a newer bash than the EAPI's stay off.
# BASH_COMPAT is set before this text is read.
shopt -s expand_aliases extdebug
shopt -u patsub_replacement globskipdots 2>/dev/null
umask 022
IFS=$' \t\n'
