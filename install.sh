#!/bin/sh
# Puts the log-center program where the shell finds it, or takes it away again.
# Keeps no state beside the one file, and never touches data.
set -eu

usage() {
    cat <<'TEXT'
Usage: ./install.sh [--prefix DIR] [FILE]
       ./install.sh [--prefix DIR] --uninstall

Installs FILE as DIR/bin/log-center. Without FILE it takes log-center from beside
this script, or what was last built here. When FILE.sha256 is beside it, the file has
to match it.

  --prefix DIR  Default: /usr/local for root, ~/.local for everybody else
  --uninstall   Removes the program; the data stays where it is
TEXT
}

fail() {
    echo "install.sh: $1" >&2
    exit 1
}

here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
prefix=
file=
uninstall=
while [ "$#" -gt 0 ]; do
    case $1 in
        --prefix)
            [ "$#" -gt 1 ] || fail '--prefix needs a folder'
            prefix=$2
            shift
            ;;
        --prefix=*) prefix=${1#--prefix=} ;;
        --uninstall) uninstall=yes ;;
        -h | --help)
            usage
            exit 0
            ;;
        -*) fail "there is no option $1; see --help" ;;
        *)
            [ -z "$file" ] || fail 'one file at a time; see --help'
            file=$1
            ;;
    esac
    shift
done

if [ -z "$prefix" ]; then
    if [ "$(id -u)" -eq 0 ]; then
        prefix=/usr/local
    else
        prefix=${HOME:?say where with --prefix}/.local
    fi
fi
installed=$prefix/bin/log-center

if [ -n "$uninstall" ]; then
    [ -e "$installed" ] || fail "there is no $installed"
    rm "$installed" || fail "cannot remove $installed"
    echo "Removed $installed. Data is kept; by default it is in ~/.local/share/log-center."
    exit 0
fi

if [ -z "$file" ]; then
    target=${CARGO_TARGET_DIR:-$here/target}
    for candidate in "$here/log-center" "$target/x86_64-unknown-linux-gnu/release/log-center" \
        "$target/release/log-center"; do
        # The newest: what was last built here. (POSIX test has no -nt, so find compares.)
        if [ -f "$candidate" ] &&
            { [ -z "$file" ] || [ -n "$(find "$candidate" -newer "$file")" ]; }; then
            file=$candidate
        fi
    done
    [ -n "$file" ] || fail 'nothing to install: build it with cargo build --release, or name a file'
fi
[ -f "$file" ] || fail "there is no file $file"

if [ -f "$file.sha256" ]; then
    wanted=$(cut -d ' ' -f 1 <"$file.sha256")
    if command -v sha256sum >/dev/null; then
        is=$(sha256sum <"$file" | cut -d ' ' -f 1)
    elif command -v shasum >/dev/null; then
        is=$(shasum -a 256 <"$file" | cut -d ' ' -f 1)
    else
        fail "cannot check $file: neither sha256sum nor shasum is there"
    fi
    [ "$wanted" = "$is" ] || fail "$file is damaged: its SHA-256 is $is, and should be $wanted"
fi

mkdir -p "$prefix/bin" || fail "cannot write to $prefix; choose another place with --prefix"
# Beside the old one and then over it in one step, so that a running program is not disturbed.
fresh=$installed.new.$$
trap 'rm -f "$fresh"' EXIT
cp "$file" "$fresh" || fail "cannot write to $prefix/bin; choose another place with --prefix"
chmod 755 "$fresh"
version=$("$fresh" --version) || fail "$file does not run on this machine"
mv -f "$fresh" "$installed"

echo "Installed $version from $file as $installed."
case ":$PATH:" in
    *":$prefix/bin:"*) echo 'Start it with: log-center' ;;
    *) echo "Start it with: $installed" ;;
esac
