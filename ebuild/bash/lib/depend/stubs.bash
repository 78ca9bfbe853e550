# What ebuilds may not do in global scope (PMS, section "Metadata invariance").

# No program can be found, and asking for one ends the ebuild. It may be a function
# that an eclass would have defined.
PATH=/dev/null
command_not_found_handle() {
	[[ -n ${___exact} ]] || ___tell_lazy "$1"
	___fail command "$1" 2
}

# These exist in phases only.
___forbidden() { ___fail forbidden "${FUNCNAME[1]}" 3; }

diropts() { ___forbidden; }
docompress() { ___forbidden; }
dostrip() { ___forbidden; }
exeopts() { ___forbidden; }
insopts() { ___forbidden; }
libopts() { ___forbidden; }
get_KV() { ___forbidden; }
KV_major() { ___forbidden; }
KV_micro() { ___forbidden; }
KV_minor() { ___forbidden; }
KV_to_int() { ___forbidden; }
register_die_hook() { ___forbidden; }
register_success_hook() { ___forbidden; }
use() { ___forbidden; }
useq() { ___forbidden; }
usev() { ___forbidden; }
use_with() { ___forbidden; }
use_enable() { ___forbidden; }
best_version() { ___forbidden; }
has_version() { ___forbidden; }
portageq() { ___forbidden; }
addread() { ___forbidden; }
addwrite() { ___forbidden; }
adddeny() { ___forbidden; }
addpredict() { ___forbidden; }
# Before the EAPIs that bring these, eclasses define their own.
if ___feature Usex; then usex() { ___forbidden; }; fi
if ___feature InIUSE; then in_iuse() { ___forbidden; }; fi
if ___feature GetLibdir; then get_libdir() { ___forbidden; }; fi

# Commands that old eclasses call in the hope that they are there: as in
# Portage they fail and do not end the ebuild.
___missing() {
	eqawarn "QA Notice: '${FUNCNAME[1]}' called in global scope: ${ECLASS:-${CATEGORY}/${PF}}"
	printf '*** missing command: %s\n' "${FUNCNAME[1]}" >&2
	return 127
}

awk() { ___missing; }
bash() { ___missing; }
cc() { ___missing; }
egrep() { ___missing; }
equery() { ___missing; }
fgrep() { ___missing; }
g++() { ___missing; }
gawk() { ___missing; }
gcc() { ___missing; }
grep() { ___missing; }
javac() { ___missing; }
java-config() { ___missing; }
nawk() { ___missing; }
perl() { ___missing; }
pkg-config() { ___missing; }
python() { ___missing; }
python-config() { ___missing; }
sed() { ___missing; }
