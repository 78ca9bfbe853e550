inherit exporter-base

exporter_src_compile() { einfo compiling; }
exporter_pkg_setup() {
	einfo setting up
}

EXPORT_FUNCTIONS src_compile pkg_setup
