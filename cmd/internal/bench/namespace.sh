# bash -c THIS - WORK SDK PORTAGE COMMAND...
# Runs COMMAND where / is a copy-on-write view of this machine with the SDK's
# configuration and databases on it.  Nothing outside WORK changes.
set -e
work=$1 sdk=$2 portage=$3
shift 3
top=$(mktemp -d "$work/namespace.XXXXXX")
mount -t tmpfs tmpfs "$top"
mkdir "$top/upper" "$top/work" "$top/view"
mount -t overlay overlay -o "lowerdir=/,upperdir=$top/upper,workdir=$top/work" "$top/view"
bind() { # FROM TO
	mkdir -p "$top/view$2"
	mount --bind "$1" "$top/view$2"
}
bind /dev /dev
bind /proc /proc
bind "$work" "$work"
bind "$portage" "$portage"
bind "$portage/cnf" /usr/share/portage/config
for dir in etc/portage var/db var/lib/portage; do
	bind "$sdk/$dir" "/$dir"
done
mkdir -p "$top/view/var/cache/edb"
getent group portage >/dev/null || echo 'portage::250:portage' >>"$top/view/etc/group"
getent passwd portage >/dev/null || echo 'portage:x:250:250:portage:/var/tmp/portage:/bin/false' >>"$top/view/etc/passwd"
# What the configuration sets for the SDK's own place is / in here.
exec chroot "$top/view" "$@"
