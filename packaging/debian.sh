#!/bin/sh
# Makes a Debian package of a built program: packaging/debian.sh BINARY [FOLDER]
# Prints the path of the package. DEBFULLNAME and DEBEMAIL name who made it. The same program and
# the same SOURCE_DATE_EPOCH give the same bytes.
set -eu
umask 022
unset CDPATH

fail() {
    echo "debian.sh: $1" >&2
    exit 1
}

whole() {
    case $1 in /*) printf '%s' "$1" ;; *) printf '%s' "$PWD/$1" ;; esac
}

{ [ "$#" -ge 1 ] && [ "$#" -le 2 ]; } || fail 'say which program: debian.sh BINARY [FOLDER]'
binary=$(whole "$1")
folder=$(whole "${2:-.}")
cd "$(dirname "$0")/.."
[ -f "$binary" ] || fail "there is no file $binary"
command -v dpkg-deb >/dev/null || fail 'this needs dpkg-deb'
version=$("$binary" --version) || fail "$binary does not run on this machine"
# A first version of something comes before it.
version=$(printf '%s' "${version#log-center }" | sed 's/-/~/')
architecture=$(dpkg --print-architecture)
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then SOURCE_DATE_EPOCH=$(date -r "$binary" +%s); fi
export SOURCE_DATE_EPOCH
maintainer="${DEBFULLNAME:-Log Center} <${DEBEMAIL:-$(id -un)@$(hostname)}>"

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"
doc=$tree/usr/share/doc/log-center
mkdir -p "$tree/DEBIAN" "$doc" "$tree/etc" "$tree/usr/lib/sysusers.d" \
    "$tree/usr/share/lintian/overrides"

DESTDIR=$tree ./install.sh --prefix /usr --systemd "$binary" >/dev/null ||
    fail 'the program cannot be put into the package'
man=$tree/usr/share/man/man1/log-center.1
[ ! -f "$man" ] || gzip -9n "$man"
# Debian's zsh looks elsewhere.
if [ -d "$tree/usr/share/zsh/site-functions" ]; then
    mv "$tree/usr/share/zsh/site-functions" "$tree/usr/share/zsh/vendor-completions"
fi
echo 'u log-center - "Log Center" /var/lib/log-center' >"$tree/usr/lib/sysusers.d/log-center.conf"
cp packaging/log-center.env "$tree/etc/log-center.env"
chmod 640 "$tree/etc/log-center.env"
echo /etc/log-center.env >"$tree/DEBIAN/conffiles"
for script in postinst prerm postrm; do
    cp "packaging/debian/$script" "$tree/DEBIAN/$script"
    chmod 755 "$tree/DEBIAN/$script"
done

license() {
    sed -n '/^Permission/,$s/^$/./p; /^Permission/,$s/^./ &/p' LICENSE | sed 's/^\.$/ ./'
}
owners=$(sed -n 's/^Copyright (c) //p' LICENSE)
license >"$tree/license"
sed -e "s/@COPYRIGHT@/$owners/" -e "/@LICENSE@/{r $tree/license" -e 'd;}' \
    packaging/debian/copyright >"$doc/copyright"
rm "$tree/license"
{
    printf 'log-center (%s) unstable; urgency=medium\n\n' "$version"
    printf '  * What is new stands in CHANGES.md.\n\n'
    printf ' -- %s  %s\n' "$maintainer" "$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$doc/changelog.gz"
cp CHANGELOG.md "$doc/CHANGES.md"

if readelf --program-headers "$binary" | grep -q INTERP; then
    libc=$(dpkg-query --show --showformat '${Version}' libc6 | sed 's/-.*//')
    needs="libc6 (>= $libc), libgcc-s1, "
    overrides=embedded-library
else
    needs=
    overrides='embedded-library statically-linked-binary'
fi
# One file that needs nothing else is what Log Center is.
for tag in $overrides; do
    echo "log-center: $tag *"
done >"$tree/usr/share/lintian/overrides/log-center"

cat >"$tree/DEBIAN/control" <<TEXT
Package: log-center
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -k -s --apparent-size "$tree" | cut -f 1)
Depends: ${needs}systemd | systemd-standalone-sysusers | systemd-sysusers
Section: admin
Priority: optional
Description: place where all programs of a team report their errors
 Log Center receives errors over HTTP, counts repeated ones as one issue,
 follows each issue through a fix workflow and shows them in a dashboard.
 .
 It is one program that keeps everything in one SQLite file, and needs no
 other server, no network and no configuration.
TEXT
(cd "$tree" && find etc usr -type f -exec md5sum {} + | LC_ALL=C sort -k 2 >DEBIAN/md5sums)
find "$tree" -newermt "@$SOURCE_DATE_EPOCH" -exec touch --no-dereference \
    --date "@$SOURCE_DATE_EPOCH" {} +

package=$folder/log-center_${version}_$architecture.deb
mkdir -p "$folder"
dpkg-deb --root-owner-group --build "$tree" "$package" >/dev/null || fail "cannot write $package"
echo "$package"
