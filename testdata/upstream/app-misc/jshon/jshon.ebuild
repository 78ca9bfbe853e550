EAPI=8

inherit upstream

DESCRIPTION="plain make: a program that uses a library"
HOMEPAGE="https://github.com/keenerd/jshon"
SRC_URI="file://@SOURCES@/@FILE@"
LICENSE="MIT"
SLOT="0"
KEYWORDS="amd64 arm64"
DEPEND="dev-libs/jansson:="
RDEPEND="${DEPEND}"

src_prepare() {
	default
	sed -i 's/-Werror//' Makefile || die
}

src_compile() {
	upstream_tools
	local flags libs
	flags=$(pkg-config --cflags jansson) && libs=$(pkg-config --libs jansson) || die
	CFLAGS="${CFLAGS} ${flags}" emake LDLIBS="${LDFLAGS} ${libs}"
}

src_install() {
	emake DESTDIR="${ED}" install
	# The Makefile has made it a program.
	fperms 644 /usr/share/man/man1/jshon.1
}
