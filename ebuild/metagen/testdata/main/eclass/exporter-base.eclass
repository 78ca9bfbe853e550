if [[ -z ${_EXPORTER_BASE} ]]; then
_EXPORTER_BASE=1

exporter-base_src_unpack() { default; }
# A function whose name no eclass exports.
exporter-base_helper() {
	local file
	for file in "$@"; do
		cat <<-EOF > "${file}" || die "cannot write ${file}"
			text of ${file}
		EOF
	done
}

fi
EXPORT_FUNCTIONS src_unpack
