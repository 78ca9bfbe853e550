# Written for tumpline's sample repository.

EAPI=8

inherit build-system

DESCRIPTION="System and service manager"
HOMEPAGE="https://example.org/systemd"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="GPL-2 LGPL-2.1"
SLOT="0"
KEYWORDS="amd64 arm64"
IUSE="+kmod pam cryptsetup +seccomp +udev openssl"
REQUIRED_USE="cryptsetup? ( openssl )"

RDEPEND="
	>=sys-apps/util-linux-2.30
	kmod? (
		>=sys-apps/kmod-15
	)
	pam? (
		sys-libs/pam
	)
	openssl? (
		dev-libs/openssl:0=
	)
	!sys-apps/sysvinit
"
DEPEND="
	>=sys-apps/util-linux-2.30
	kmod? (
		>=sys-apps/kmod-15
	)
	pam? (
		sys-libs/pam
	)
	openssl? (
		dev-libs/openssl:0=
	)
"
BDEPEND="virtual/pkgconfig"
PDEPEND=">=sys-apps/dbus-1.9.8[systemd]"
