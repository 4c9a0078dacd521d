#!/bin/sh
# Installs what is missing to build, run and test Axilla on Debian 12, and says
# what and why.
#
#   app/setup.sh [build] [run] [test]      no word: all three
set -eu

# group, package, why
packages () {
  cat <<END
build gcc                  C compiler, OpenMP and sanitizer libraries
build libc6-dev            headers and start files of C
build meson                build system
build ninja-build          runs the build
build pkgconf              finds libraries
build libglib2.0-dev       containers, threads, objects, files
build libopenslide-dev     opens whole-slide images
build libtiff-dev          tiles of TIFF slides, likelihood maps
build libturbojpeg0-dev    decodes JPEG tiles
build libpng-dev           masks and pictures
build zlib1g-dev           compressed annotation files
build libcairo2-dev        draws curves
build libxml2-dev          ASAP and ImageScope annotations
build libsqlite3-dev       the store of finished work
build libdnnl-dev          oneDNN, behind the engine "cpu"
build libgtk-4-dev         the viewer
build gettext              translations of the desktop entry
run   libglib2.0-0         containers, threads, objects, files
run   libopenslide0        opens whole-slide images
run   libtiff6             tiles of TIFF slides, likelihood maps
run   libturbojpeg0        decodes JPEG tiles
run   libpng16-16          masks and pictures
run   zlib1g               compressed annotation files
run   libcairo2            draws curves
run   libxml2              ASAP and ImageScope annotations
run   libsqlite3-0         the store of finished work
run   libdnnl2             oneDNN, behind the engine "cpu"
run   libgomp1             threads of the engines
run   libgtk-4-1           the viewer
run   librsvg2-common      the viewer's icons
run   adwaita-icon-theme   the viewer's icons
test  python3              end-to-end tests and lint
test  python3-skimage      scipy and scikit-image, what measures must equal
test  python3-sklearn      scikit-learn, what metrics must equal
test  snakemake            runs whole cohorts: data/workflow (678 MB unpacked)
test  python3-gi           the window's tests: the accessibility tree
test  gir1.2-atspi-2.0     the window's tests: the accessibility tree
test  at-spi2-core         the window's tests: the accessibility tree
test  xvfb                 the window's tests: a display
test  xdotool              the window's tests: pointer and keys
test  dbus                 the window's tests: a session bus
test  desktop-file-utils   checks the desktop entry
test  appstream            checks the description for software centres
END
}

is_installed () {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root () {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

for group in "$@"; do
  case $group in
    build|run|test) ;;
    *) echo "setup: '$group' is not one of build, run, test" >&2; exit 2 ;;
  esac
done
[ $# -gt 0 ] || set -- build run test

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "setup: no apt here; see that these, or their like, are installed:" >&2
  packages >&2
  exit 0
fi

missing=
for group in "$@"; do
  while read -r of package why; do
    if [ "$of" = "$group" ] && ! is_installed "$package"; then
      printf 'setup: %-20s %s\n' "$package" "$why"
      missing="$missing $package"
    fi
  done <<END
$(packages)
END
done

if [ -z "$missing" ]; then
  echo "setup: everything for $* is installed"
  exit 0
fi

[ "$(id -u)" -eq 0 ] || echo "setup: installing these asks for your password"
as_root apt-get update -q </dev/null ||
  echo "setup: the package lists are not all up to date" >&2
# shellcheck disable=SC2086 # one word a package
as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get install -q -y --no-install-recommends $missing </dev/null
