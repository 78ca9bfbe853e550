# The life of a phase's shell. Descriptor 3 holds the settings: assignments that
# the package manager writes for this phase. Results go to descriptor ___result.
#
# ___saved is the file of the state that earlier phases left, or empty;
# ___source tells to source the ebuild; ___bashrcs are the user's files.
exec 200>&4 4>&-
___own_functions=$(declare -F)
___own_functions=${___own_functions//declare -f /}
___own_functions=${___own_functions//$'\n'/ }
IFS= read -r -d '' ___settings <&3
exec 3<&-
eval "${___settings}"
unset -v ___settings
___main_pid=${BASHPID}
[[ -z ${___saved} ]] || source "${___saved}" || ___fail source "${___saved}" 0
eval "${___readonly}"
[[ -z ${___source} ]] || ___before_ebuild
___source_bashrcs
if [[ -n ${___source} ]]; then
	source "${EBUILD}" || ___fail source "${EBUILD}" 0
	___accumulate
	# What depends on USE flags has been evaluated by the package manager.
	RESTRICT=${PORTAGE_RESTRICT} PROPERTIES=${PORTAGE_PROPERTIES}
	set +e
fi
eval "${___readonly_metadata}"
___define_defaults
if [[ -n ${EBUILD_PHASE} ]]; then
	___run "${EBUILD_PHASE}"
	___ran=1
else
	___check_image
	___ran=1
fi
# Some errors (of a readonly variable, of an expansion) cut off all that runs, and bash
# goes on here.
[[ -n ${___ran} ]] || ___fail die 'the phase was cut off by an error of the shell' 0
builtin printf '%s done\n%s\n' "${___nonce}" "${___nonce}" >&"${___result}"
[[ -z ${EBUILD_PHASE} ]] || ___after "${EBUILD_PHASE}"
IFS=$' \t\n'
case ${EBUILD_PHASE} in
install | setup)
	___lists
	___values ${___recorded}
	;;
esac
[[ -z ${___source} ]] || ___functions
case ${EBUILD_PHASE} in
clean | nofetch | info | help | "") ;;
*) ___save_last environment ;;
esac
builtin printf '%s complete\n%s\n' "${___nonce}" "${___nonce}" >&"${___result}"
exit 0
