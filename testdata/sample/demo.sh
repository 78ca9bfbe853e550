#!/usr/bin/env bash
# demo.sh TUMPLINE: resolves one request on the sample board and shows the plan,
# as text and as JSON; then builds three small packages and merges them to the
# board.  The sample is copied beside the program, so that it can be changed and
# asked again; nothing else on the machine is read or written.
set -euo pipefail
program=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sample=$(dirname "$program")/sample

rm -rf "$sample"
mkdir -p "$sample"
cp -R "$here/repos" "$here/board" "$here/sdk" "$sample/"
# A repos.conf holds absolute paths.
for root in board sdk; do
	sed "s|@SAMPLE@|$sample|" "$here/$root/etc/portage/repos.conf" >"$sample/$root/etc/portage/repos.conf"
done

# The packages that are built: they need nothing but a shell.
cp -R "$here/demo" "$sample/repos/demo"
for root in board sdk; do
	printf '\n[demo]\nlocation = %s/repos/demo\n' "$sample" >>"$sample/$root/etc/portage/repos.conf"
	printf 'PORTAGE_TMPDIR="%s/tmp"\nPKGDIR="%s/packages"\nEMERGE_LOG_DIR="%s/log"\n' "$sample" "$sample" "$sample" >>"$sample/$root/etc/portage/make.conf"
done
mkdir -p "$sample/tmp" "$sample/packages" "$sample/log"

# What a board's wrapper exports: the board is the target, the SDK builds.
export TUMPLINE_BUILD_ROOT=$sample/sdk TUMPLINE_CACHE_DIR=$sample/cache
export PORTAGE_CONFIGROOT=$sample/board SYSROOT=$sample/board ROOT=$sample/board
unset EPREFIX PORTAGE_REPOSITORIES EMERGE_DEFAULT_OPTS USE

request=(--pretend --update --deep --newuse --verbose --with-bdeps=y board-base/board)

echo "The sample: a board that lacks most of what it should have, and the SDK that builds for it."
echo
echo "\$ tumpline emerge ${request[*]}"
"$program" emerge "${request[@]}"
echo
echo "\$ tumpline emerge --json ${request[*]}"
"$program" emerge --json "${request[@]}" >"$sample/plan.json"
head -n 60 "$sample/plan.json"
echo "... ($(wc -l <"$sample/plan.json") lines in $sample/plan.json; \`tumpline schema plan\` describes them)"
echo
merge=(--verbose --buildpkg --quiet-build --jobs=2 --select board-demo/greeting)
echo "\$ tumpline emerge ${merge[*]}"
echo
"$program" emerge "${merge[@]}"
echo
echo "The board, as far as these packages made it:"
(cd "$sample/board" && find etc/board-release etc/profile.env usr var/db/pkg/board-demo -mindepth 0 -maxdepth 4 ! -type d | LC_ALL=C sort | grep -v '/[A-Z_]*$' | sed 's/^/  /')
echo "\$ sh usr/bin/hello"
sh "$sample/board/usr/bin/hello"
echo
cat <<END
To go on by yourself:
  export TUMPLINE_BUILD_ROOT=$sample/sdk PORTAGE_CONFIGROOT=$sample/board SYSROOT=$sample/board ROOT=$sample/board
  $program emerge --pretend --tree net-misc/curl
  $program emerge --unmerge board-demo/greeting
END
