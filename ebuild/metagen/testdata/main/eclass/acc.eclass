# Sets every variable that is accumulated in some EAPI.
IUSE="acc +acc-on"
REQUIRED_USE="acc? ( acc-on )"
DEPEND="dev-libs/acc-d"
RDEPEND="dev-libs/acc-r
	dev-libs/acc-r2"
PDEPEND="dev-libs/acc-p"
BDEPEND="dev-libs/acc-b"
IDEPEND="dev-libs/acc-i"
PROPERTIES="live"
RESTRICT="mirror"
