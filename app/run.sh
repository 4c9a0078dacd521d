#!/bin/sh
# Builds Axilla and opens the viewer on a slide, with detection running:
#
#   app/run.sh [--model WEIGHTS] [SLIDE]
#
# Without SLIDE one with metastases of all classes is drawn.  Without --model
# the shipped network is taken.  With no display the same detection runs
# without the viewer; its results go to build/results.
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

"$root/app/setup.sh" build run

[ -d "$build" ] || meson setup "$build" "$root"
meson compile -C "$build" axilla-cli axilla schemas axilla-gmo

has_model=yes
if ! "$build/app/axilla-cli" model info "${model:-scannet-10x}" >/dev/null
then
  has_model=
  echo "run: without that network nothing is detected; --model takes another" >&2
  [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || exit 1
fi

if [ -z "$slide" ]; then
  slide=$build/example.tif
  if [ ! -f "$slide" ]; then
    echo "run: no slide given, drawing one: $slide"
    "$build/app/axilla-cli" synth -o "$slide.part" \
      --truth "$build/example-truth.xml" --mpp 0.5 --size 12000,9000 \
      --lesions macro:1,micro:2,itc:3
    mv "$slide.part" "$slide"
  fi
fi

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  export GSETTINGS_SCHEMA_DIR="$build/data" AX_LOCALE_PATH="$build/data/po"
  exec "$build/app/axilla" ${has_model:+--detect} ${model:+--model "$model"} \
    "$slide"
fi

"$build/app/axilla-cli" detect "$slide" ${model:+--model "$model"} \
  -o "$build/results"
echo "run: results are in $build/results"
