# What the ebuilds of this repository share: tarballs whose folder may have any name,
# and tools for CHOST, which find libraries in SYSROOT.

EXPORT_FUNCTIONS src_unpack

upstream_src_unpack() {
	default
	local dirs=("${WORKDIR}"/*/)
	[[ ${#dirs[@]} -eq 1 ]] || die "not one folder: ${dirs[*]}"
	[[ ${dirs[0]} == "${S}/" ]] || mv "${dirs[0]}" "${S}" || die
}

# Tools by the name of the machine that they make programs for, and pkg-config.
upstream_tools() {
	export CC=${CHOST}-gcc AR=${CHOST}-ar
	export PKG_CONFIG_SYSROOT_DIR=${SYSROOT%/}
	export PKG_CONFIG_LIBDIR=${ESYSROOT}/usr/$(get_libdir)/pkgconfig:${ESYSROOT}/usr/share/pkgconfig
}

upstream_cross() { [[ ${CHOST} != "${CBUILD}" ]]; }

# upstream_meson OPTION...: configures into ${WORKDIR}/build.
upstream_meson() {
	upstream_tools
	local cross=()
	if upstream_cross; then
		cat >"${T}/cross" <<-END || die
			[binaries]
			c = '${CC}'
			ar = '${AR}'
			strip = '${CHOST}-strip'
			pkgconfig = 'pkg-config'
			[host_machine]
			system = 'linux'
			cpu_family = '${CHOST%%-*}'
			cpu = '${CHOST%%-*}'
			endian = 'little'
		END
		cross=(--cross-file "${T}/cross")
	fi
	edo meson setup "${cross[@]}" --prefix=/usr --libdir="$(get_libdir)" --buildtype=plain \
		--wrap-mode=nodownload "$@" "${S}" "${WORKDIR}/build"
}

# upstream_cmake OPTION...: the same with cmake.
upstream_cmake() {
	upstream_tools
	local cross=()
	if upstream_cross; then
		cross=(-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="${CHOST%%-*}" -DCMAKE_FIND_ROOT_PATH="${SYSROOT}")
	fi
	edo cmake -G Ninja -S "${S}" -B "${WORKDIR}/build" -DCMAKE_C_COMPILER="${CC}" -DCMAKE_INSTALL_PREFIX=/usr \
		-DCMAKE_INSTALL_LIBDIR="$(get_libdir)" -DCMAKE_BUILD_TYPE=None "${cross[@]}" "$@"
}

upstream_ninja() { edo ninja -v -C "${WORKDIR}/build" "$@"; }

# edo is a command of EAPI 9; this is for those before.
if ! declare -F edo >/dev/null; then
	edo() {
		echo "$*"
		"$@" || die "$1 failed"
	}
fi
