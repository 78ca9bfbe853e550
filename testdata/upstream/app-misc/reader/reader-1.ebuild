EAPI=8

inherit upstream

DESCRIPTION="uses the libraries as their pkg-config files say"
HOMEPAGE="https://example.org/"
LICENSE="Apache-2.0"
SLOT="0"
KEYWORDS="amd64 arm64"
S="${WORKDIR}"
DEPEND="dev-libs/cJSON:= dev-libs/inih:= dev-libs/jansson:="
RDEPEND="${DEPEND}"

src_unpack() { :; }

src_compile() {
	upstream_tools
	local flags
	flags=$(pkg-config --cflags --libs inih libcjson jansson) || die
	edo ${CC} ${CFLAGS} ${LDFLAGS} "${FILESDIR}/reader.c" -o reader ${flags}
}

src_install() { dobin reader; }
