# A function that is text, not code.
QUOTES_TEXT='
quotes_inner() {
	this is text, with an apostrophe and a pair of braces
}
'
quotes_count() {
	echo "${#QUOTES_TEXT} ${QUOTES_TEXT//[^{]/}"
}
DEPEND="dev-libs/quotes-$(quotes_count)"
DEPEND="${DEPEND% *}"
