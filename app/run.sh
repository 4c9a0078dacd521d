#!/bin/sh
# Builds Axilla and opens the viewer on a slide, with detection running:
#
#   app/run.sh [--model WEIGHTS] [SLIDE]
#
# Without SLIDE a small one is drawn.  Without --model the shipped network is
# taken.  With no display the same detection runs without the viewer; its
# results go to build/results.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build
model='' slide=''

while [ $# -gt 0 ]; do
  case $1 in
    --model) [ $# -gt 1 ] || { echo "run: --model needs a file" >&2; exit 2; }
             model=$2; shift 2 ;;
    -h|--help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "run: unknown option $1; see $0 --help" >&2; exit 2 ;;
    *) [ -z "$slide" ] || { echo "run: one slide at a time" >&2; exit 2; }
       slide=$1; shift ;;
  esac
done

# The first weights file of a folder.
find_model () {
  find "$1" -maxdepth 1 -name '*.safetensors' ! -name '*-io.safetensors' \
    2>/dev/null | sort | head -n 1
}

"$root/app/setup.sh" build run

[ -n "$model" ] || model=$(find_model "$root/data/models")
[ -n "$model" ] || model=$(find_model "$root/../shared/data/models")
if [ -z "$model" ]; then
  echo "run: no network is shipped yet; give a weights file with --model" >&2
  exit 1
fi

[ -d "$build" ] || meson setup "$build" "$root"
meson compile -C "$build" axilla-cli axilla schemas

if [ -z "$slide" ]; then
  slide=$build/example.tif
  echo "run: no slide given, drawing one: $slide"
  [ -f "$slide" ] || "$build/app/axilla-cli" synth -o "$slide" \
    --truth "$build/example.xml" --size 12000,9000 --lesions micro:1,itc:2
fi

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  GSETTINGS_SCHEMA_DIR=$build/data \
    exec "$build/app/axilla" --detect --model "$model" "$slide"
fi

"$build/app/axilla-cli" detect "$slide" --model "$model" -o "$build/results"
echo "run: results are in $build/results"
