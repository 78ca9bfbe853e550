# hasv and hasq, gone with the other old queries.

hasv() {
	has "$@" && printf '%s\n' "$1"
}

hasq() { has "$@"; }
