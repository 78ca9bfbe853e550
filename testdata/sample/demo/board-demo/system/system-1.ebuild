# Written for tumpline's demonstration: it needs nothing but a shell.

EAPI=8

DESCRIPTION="What every board of the demonstration has"
SLOT="0"
KEYWORDS="amd64 arm64"
LICENSE="MIT"
S="${WORKDIR}"

src_install() {
	insinto /etc
	doins "${FILESDIR}"/board-release
	newenvd - 50demo <<<'DEMO_GREETING="hello"'
	keepdir /var/lib/demo
}

pkg_postinst() {
	elog "The board says hello."
}
