# Written for tumpline's sample repository.

EAPI=8

DESCRIPTION="Client that transfers files by URL"
HOMEPAGE="https://example.org/curl"
SRC_URI="https://distfiles.example.org/${PN}/${P}.tar.xz"

LICENSE="curl"
SLOT="0"
KEYWORDS="amd64 arm64"
IUSE="brotli +http2 ldap +ssl zstd curl_ssl_openssl curl_ssl_gnutls"
REQUIRED_USE="ssl? ( ^^ ( curl_ssl_openssl curl_ssl_gnutls ) )"

RDEPEND="
	http2? (
		net-libs/nghttp2:=
	)
	ssl? (
		app-misc/ca-certificates
		curl_ssl_openssl? (
			dev-libs/openssl:0=
		)
	)
	zstd? (
		app-arch/zstd:=
	)
	sys-libs/zlib
"
DEPEND="
	http2? (
		net-libs/nghttp2:=
	)
	ssl? (
		curl_ssl_openssl? (
			dev-libs/openssl:0=
		)
	)
	zstd? (
		app-arch/zstd:=
	)
	sys-libs/zlib
"
BDEPEND="dev-lang/perl virtual/pkgconfig"
