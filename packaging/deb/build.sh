#!/usr/bin/env bash
# Builds dist/papyra-tools_VERSION_ARCH.deb: packaging/deb/build.sh VERSION [ARCH]. Needs Go and dpkg-deb, not root. The same source
# gives the same package; SOURCE_DATE_EPOCH sets its time, which is that of the last commit otherwise.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=${1:?usage: packaging/deb/build.sh VERSION [ARCH]}
arch=${2:-$(dpkg --print-architecture)}
out=${OUT:-dist}
case $version in
	[0-9]*) ;;
	*) echo "a Debian version begins with a digit: $version" >&2; exit 1 ;;
esac
case $arch in
	amd64 | arm64) ;;
	*) echo "unknown architecture $arch (amd64 or arm64)" >&2; exit 1 ;;
esac
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}"
umask 022
maintainer="The papyra-tools developers <papyra-tools@users.noreply.github.com>"

stage=$(mktemp -d)
chmod 0755 "$stage" # becomes / in the package
trap 'rm -rf "$stage"' EXIT

mkdir -p "$stage"/DEBIAN "$out"
GOOS=linux GOARCH=$arch GOFLAGS="${GOFLAGS:-} -buildvcs=false" make --no-print-directory -s install BIN="$stage/bin" DESTDIR="$stage" PREFIX=/usr \
	ZSHDIR=/usr/share/zsh/vendor-completions VERSION="$version" >&2
rm -r "$stage/bin"
gzip -9n "$stage"/usr/share/man/man1/*.1
install -d "$stage"/etc/papyra/logs.d "$stage"/usr/lib/systemd/system "$stage"/usr/share/doc/papyra-tools/examples
install -m 0644 packaging/systemd/*.service packaging/systemd/*.timer "$stage"/usr/lib/systemd/system/
install -m 0644 packaging/logs.d/app.json.example "$stage"/etc/papyra/logs.d/
echo /etc/papyra/logs.d/app.json.example >"$stage/DEBIAN/conffiles"
install -m 0644 packaging/cron/papyra "$stage"/usr/share/doc/papyra-tools/examples/cron
install -m 0644 packaging/prometheus/alerts.yml "$stage"/usr/share/doc/papyra-tools/examples/alerts.yml
install -m 0644 LICENSE "$stage"/usr/share/doc/papyra-tools/copyright
gzip -9n <CHANGELOG.md >"$stage/usr/share/doc/papyra-tools/NEWS.md.gz"
gzip -9n >"$stage/usr/share/doc/papyra-tools/changelog.gz" <<CHANGELOG
papyra-tools ($version) unstable; urgency=medium

  * See NEWS.md.gz.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
CHANGELOG

# The binary papyra is an alternative to that of the Python package, which is not in Debian: nothing to conflict with.
cat >"$stage/DEBIAN/control" <<CONTROL
Package: papyra-tools
Version: $version
Architecture: $arch
Maintainer: $maintainer
Installed-Size: $(du -sk "$stage/usr" | cut -f1)
Section: utils
Priority: optional
Homepage: https://github.com/papyra-tools/papyra
Description: tools for append-only NDJSON persistence logs
 Finds damage in the logs of an actor system, repairs it, filters and
 compacts by retention while writers go on, shows what is in a log, and
 appends durably. Each step is a program of its own and a subcommand of
 papyra.
CONTROL

find "$stage" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group "${COMPRESS:--Zxz}" --build "$stage" "$out/papyra-tools_${version}_$arch.deb"
