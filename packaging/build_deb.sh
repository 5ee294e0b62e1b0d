#!/bin/sh
# Builds mailgate_VERSION-1_ARCH.deb from this checkout: packaging/build_deb.sh [VERSION [FOLDER]]
#
# The package comes into FOLDER, by default dist, and its name is printed. It takes a minute and needs debhelper, dpkg-dev,
# git, python3-venv and the Python package index, or what PIP_FIND_LINKS names instead.
#
# Without VERSION, a commit with a tag gets the version of mailgate/__init__.py. Any other commit gets one that sorts before
# that version and after those of earlier commits, so that apt takes a later build for an upgrade.
set -eu
umask 022
CHECKOUT=$(cd "$(dirname "$0")/.." && pwd)
cd "$CHECKOUT"
missing=
command -v dh >/dev/null || missing="$missing debhelper"
command -v dpkg-buildpackage >/dev/null || missing="$missing dpkg-dev"
command -v git >/dev/null || missing="$missing git"
/usr/bin/python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"
[ -z "$missing" ] || {
    echo "Debian packages are missing. As root: apt install$missing" >&2
    exit 1
}
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' mailgate/__init__.py)
if [ -n "${1:-}" ]; then
    version=$1
elif ! git describe --exact-match --tags >/dev/null 2>&1; then
    version="$version~git$(TZ=UTC git log -1 --format=%cd --date=format-local:%Y%m%d.%H%M%S).$(git rev-parse --short=8 HEAD)"
fi
# Everything in the package has the time of the commit: a commit always gives the same package.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export CHECKOUT SOURCE_DATE_EPOCH LC_ALL=C.UTF-8 TZ=UTC

folder=${2:-dist}
mkdir -p "$folder" build
building=$(mktemp -d "$CHECKOUT/build/deb-XXXXXX")
trap 'rm -rf "$building"' EXIT
mkdir "$building/mailgate"
cp -r packaging/debian "$building/mailgate/debian"
cat > "$building/mailgate/debian/changelog" <<END
mailgate ($version-1) unstable; urgency=medium

  * Built from its sources; changelog.gz says what changed in mailgate.

 -- The mailgate authors <mailgate@example.org>  $(date -R -d "@$SOURCE_DATE_EPOCH")
END
(cd "$building/mailgate" && dpkg-buildpackage --build=binary --no-sign >../log 2>&1) || {
    tail -n 40 "$building/log" >&2
    exit 1
}
mv "$building"/mailgate_*.deb "$folder"
ls "$folder"/mailgate_"$version"-1_*.deb
