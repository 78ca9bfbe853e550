# Written for tumpline's sample repository.

EAPI=9

DESCRIPTION="Runs containers"
HOMEPAGE="https://example.org/runlet"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="Apache-2.0"
SLOT="0"
KEYWORDS="amd64 arm64"
IUSE="+seccomp test"

RDEPEND="seccomp? ( sys-libs/libseccomp:= ) virtual/udev"
DEPEND="seccomp? ( sys-libs/libseccomp:= )"
BDEPEND="dev-build/make virtual/pkgconfig"
