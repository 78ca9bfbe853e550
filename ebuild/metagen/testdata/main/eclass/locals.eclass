# What declare makes in an eclass ends with it.
declare LOCALS_DECLARED="1"
declare -g LOCALS_GLOBAL="2"
LOCALS_PLAIN=3
LOCALS_ARRAY=( a "b c" )
set -- changed arguments
return 0
IUSE="never-reached"
