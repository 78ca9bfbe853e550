EAPI=8

inherit upstream

DESCRIPTION="cmake: a library"
HOMEPAGE="https://github.com/DaveGamble/cJSON"
SRC_URI="file://@SOURCES@/@FILE@"
LICENSE="MIT"
SLOT="0"
KEYWORDS="amd64 arm64"

src_configure() { upstream_cmake -DENABLE_CJSON_TEST=OFF -DENABLE_CUSTOM_COMPILER_FLAGS=OFF; }

src_compile() { upstream_ninja; }

src_install() {
	DESTDIR="${D}" upstream_ninja install
	einstalldocs
}
