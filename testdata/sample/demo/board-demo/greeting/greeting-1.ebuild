# Written for tumpline's demonstration. With doc it needs the guide to be built,
# which needs this package: a cycle.

EAPI=8

DESCRIPTION="Greets, and has a manual page if doc is on"
SLOT="0"
KEYWORDS="amd64 arm64"
LICENSE="MIT"
IUSE="+doc"
DEPEND="doc? ( board-demo/guide )"
RDEPEND="board-demo/system"
S="${WORKDIR}"

src_unpack() {
	cp "${FILESDIR}"/greet.in greet.in || die
}

src_compile() {
	sed "s/@VERSION@/${PV}/" greet.in >greet || die
	if use doc; then
		sed 's/@PAGE@/greet/' "${ESYSROOT}"/usr/share/guide/page.in >greet.1 || die
	fi
}

src_install() {
	dobin greet
	if use doc; then
		doman greet.1
	fi
	dosym greet /usr/bin/hello
}
