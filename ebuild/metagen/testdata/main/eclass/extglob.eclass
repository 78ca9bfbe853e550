# Needs an option to be parsed.
shopt -s extglob
extglob_name=ab.cd
IUSE="${extglob_name//+([.])/-}"
case ${extglob_name} in
	!(ab*)) IUSE+=" no" ;;
	@(ab|cd)*) IUSE+=" yes" ;;
esac
shopt -u extglob
