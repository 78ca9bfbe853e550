package profiles

// builtinGlobals are the values that hold if there is no make.globals, as
// Portage 3.0.82 ships them. They are given as they read after substitution.
var builtinGlobals = [...][2]string{
	{"CFLAGS", ""},
	{"CXXFLAGS", ""},
	{"LDFLAGS", ""},
	{"FFLAGS", ""},
	{"FCFLAGS", ""},
	{"GENTOO_MIRRORS", "http://distfiles.gentoo.org"},
	{"ACCEPT_PROPERTIES", "*"},
	{"ACCEPT_RESTRICT", "*"},
	{"DISTDIR", "/var/cache/distfiles"},
	{"PKGDIR", "/var/cache/binpkgs"},
	{"RPMDIR", "/var/cache/rpm"},
	{"PORTAGE_TMPDIR", "/var/tmp"},
	{"BINPKG_COMPRESS", "zstd"},
	{"BINPKG_FORMAT", "gpkg"},
	{"BINPKG_GPG_SIGNING_BASE_COMMAND", "/usr/bin/flock /run/lock/portage-binpkg-gpg.lock /usr/bin/gpg --sign --armor [PORTAGE_CONFIG]"},
	{"BINPKG_GPG_SIGNING_DIGEST", "SHA512"},
	{"BINPKG_GPG_VERIFY_BASE_COMMAND", "/usr/bin/gpg --verify --batch --no-tty --no-auto-check-trustdb --status-fd 2 [PORTAGE_CONFIG] [SIGNATURE]"},
	{"BINPKG_GPG_VERIFY_GPG_HOME", "/etc/portage/gnupg"},
	{"GPG_VERIFY_USER_DROP", "nobody"},
	{"GPG_VERIFY_GROUP_DROP", "nogroup"},
	{"FETCHCOMMAND", `wget -t 3 -T 60 --passive-ftp -U "Portage (Gentoo, https://www.gentoo.org) distfile-fetch" -O "${DISTDIR}/${FILE}" "${URI}"`},
	{"RESUMECOMMAND", `wget -c -t 3 -T 60 --passive-ftp -U "Portage (Gentoo, https://www.gentoo.org) distfile-fetch" -O "${DISTDIR}/${FILE}" "${URI}"`},
	{"FETCHCOMMAND_RSYNC", `rsync -LtvP "${URI}" "${DISTDIR}/${FILE}"`},
	{"RESUMECOMMAND_RSYNC", `rsync -LtvP "${URI}" "${DISTDIR}/${FILE}"`},
	{"FETCHCOMMAND_SSH", sshCommand},
	{"RESUMECOMMAND_SSH", sshCommand},
	{"FETCHCOMMAND_SFTP", sftpCommand},
	{"FEATURES", "assume-digests binpkg-docompress binpkg-dostrip binpkg-logs " +
		"binpkg-multi-instance buildpkg-live compress-index config-protect-if-modified " +
		"distlocks ebuild-locks fixlafiles ipc-sandbox merge-sync merge-wait " +
		"multilib-strict network-sandbox news parallel-fetch pkgdir-index-trusted " +
		"pid-sandbox preserve-libs protect-owned qa-unresolved-soname-deps sandbox " +
		"strict unknown-features-warn unmerge-logs unmerge-orphans userfetch userpriv " +
		"usersandbox usersync"},
	{"COLLISION_IGNORE", `/lib/modules/* *.py[co] *$py.class`},
	{"UNINSTALL_IGNORE", "/lib/modules/*"},
	{"CLEAN_DELAY", "5"},
	{"EMERGE_WARNING_DELAY", "10"},
	{"AUTOCLEAN", "no"},
	{"PORTAGE_BZIP2_COMMAND", "bzip2"},
	{"PORTAGE_COMPRESS", "bzip2"},
	{"PORTAGE_COMPRESS_EXCLUDE_SUFFIXES", "css gif htm[l]? jp[e]?g js pdf png"},
	{"PORTAGE_FETCH_CHECKSUM_TRY_MIRRORS", "5"},
	{"PORTAGE_FETCH_RESUME_MIN_SIZE", "350K"},
	{"PORTAGE_RSYNC_RETRIES", "-1"},
	{"PORTAGE_RSYNC_OPTS", "--recursive --links --safe-links --perms --times --omit-dir-times " +
		"--compress --force --whole-file --delete --stats --human-readable --timeout=180 " +
		"--exclude=/distfiles --exclude=/local --exclude=/packages --exclude=/.git"},
	{"PORTAGE_SYNC_STALE", "30"},
	{"PORTAGE_LOGDIR_CLEAN", `find "${PORTAGE_LOGDIR}" -type f ! -name "summary.log*" -mtime +7 -delete`},
	{"CONFIG_PROTECT", "/etc"},
	{"CONFIG_PROTECT_MASK", "/etc/env.d"},
	{"USE_ORDER", defaultUSEOrder},
	{"PORTAGE_WORKDIR_MODE", "0700"},
	{"PORTAGE_ELOG_CLASSES", "log warn error"},
	{"PORTAGE_ELOG_SYSTEM", "save_summary:log,warn,error,qa echo"},
	{"PORTAGE_ELOG_MAILURI", "root"},
	{"PORTAGE_ELOG_MAILSUBJECT", "[portage] ebuild log for ${PACKAGE} on ${HOST}"},
	{"PORTAGE_ELOG_MAILFROM", "portage@localhost"},
	{"PORTAGE_GPG_SIGNING_COMMAND", `gpg --sign --digest-algo SHA256 --clearsign --yes --default-key "${PORTAGE_GPG_KEY}" --homedir "${PORTAGE_GPG_DIR}" "${FILE}"`},
	{"PORTAGE_TRUST_HELPER", "/usr/bin/getuto"},
	{"PORTAGE_XATTR_EXCLUDE", "bcachefs.* bcachefs_effective.* btrfs.* security.evm security.ima " +
		"security.selinux system.nfs4_acl user.apache_handler user.Beagle.* user.dublincore.* " +
		"user.mime_encoding user.xdg.*"},
}

const defaultUSEOrder = "env:pkg:conf:defaults:pkginternal:features:repo:env.d"

// The two commands take host, port and path out of the URI with the shell:
// ssh://host[:port]/path. The third word is quoted for the shell once more.
const (
	sshCommand = `bash -c "u=\${2#*://}; h=\${u%%/*}; p=\${h#\${h%:*}}; ` +
		`exec rsync -avP --rsh=\"ssh \${p:+-p\${p#:}} \${3}\" \"\${h%:*}:/\${u#*/}\" \"\$1\"" ` +
		`rsync "${DISTDIR}/${FILE}" "${URI}" "${PORTAGE_SSH_OPTS}"`
	sftpCommand = `bash -c "u=\${2#*://}; h=\${u%%/*}; p=\${h#\${h%:*}}; eval \"o=(\${3})\"; ` +
		`exec sftp \${p:+-P \${p#:}} \"\${o[@]}\" \"\${h%:*}:/\${u#*/}\" \"\$1\"" ` +
		`sftp "${DISTDIR}/${FILE}" "${URI}" "${PORTAGE_SSH_OPTS}"`
)
