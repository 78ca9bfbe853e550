#!/usr/bin/env bash
# demo.sh TUMPLINE: resolves one request on the sample board and shows the plan,
# as text and as JSON.  The sample is copied beside the program, so that it can
# be changed and asked again; nothing else on the machine is read or written.
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
cat <<END
To go on by yourself:
  export TUMPLINE_BUILD_ROOT=$sample/sdk PORTAGE_CONFIGROOT=$sample/board SYSROOT=$sample/board ROOT=$sample/board
  $program emerge --pretend --tree net-misc/curl
END
