EAPI=8

inherit upstream

DESCRIPTION="cmake: a program, and the same without libraries"
HOMEPAGE="https://github.com/krallin/tini"
SRC_URI="file://@SOURCES@/@FILE@"
LICENSE="MIT"
SLOT="0"
KEYWORDS="amd64 arm64"

src_configure() { upstream_cmake -Wno-dev -DCMAKE_POLICY_VERSION_MINIMUM=3.5; }

src_compile() { upstream_ninja; }

src_install() {
	dobin "${WORKDIR}"/build/tini{,-static}
	dosym tini-static /usr/bin/init
}
