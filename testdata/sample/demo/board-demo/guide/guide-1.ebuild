# Written for tumpline's demonstration.

EAPI=8

DESCRIPTION="Pages for manuals, greeted into being"
SLOT="0"
KEYWORDS="amd64 arm64"
LICENSE="MIT"
DEPEND="board-demo/greeting"
S="${WORKDIR}"

src_compile() {
	printf '.TH @PAGE@ 1\n.SH NAME\n@PAGE@ \\- %s\n' "$(sh "${ESYSROOT}"/usr/bin/greet)" >page.in || die
}

src_install() {
	insinto /usr/share/guide
	doins page.in
}
