#!/bin/sh
# Installs what is missing, builds with warnings as errors, runs every test:
#
#   plain      all of them
#   sanitize   all of them under the address and undefined-behaviour sanitizers
#   thread     the pipeline's under the thread sanitizer
#
# The last line sums the single test cases (TAP) of all three.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

app/setup.sh build test

passed=0 failed=0 skipped=0
failures=$(mktemp)
trap 'rm -f "$failures"' EXIT
fixed= # what starts a program at fixed addresses

# add_results BUILD-FOLDER
add_results () {
  results=$(python3 tests/count.py "$1/meson-logs/testlog.json" \
    2>>"$failures") || { cat "$failures"; exit 1; }
  # shellcheck disable=SC2086 # three numbers
  set -- $results
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

# configure BUILD-FOLDER OPTION...
configure () {
  folder=$1
  shift
  if [ -d "$folder" ]; then
    meson setup --reconfigure "$folder" -Dwerror=true "$@" >/dev/null
  else
    meson setup "$folder" -Dwerror=true "$@"
  fi
}

# run_tests BUILD-FOLDER MESON-TEST-ARGUMENT...
run_tests () {
  folder=$1
  shift
  rm -f "$folder/meson-logs/testlog.json"
  $fixed meson test -C "$folder" --print-errorlogs --timeout-multiplier 4 "$@" \
    </dev/null || true
  add_results "$folder"
}

echo "== plain"
configure build-plain
meson compile -C build-plain
run_tests build-plain

echo "== sanitize: address, undefined"
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export LSAN_OPTIONS="suppressions=$root/tests/lsan.supp:print_suppressions=0"
configure build-sanitize -Db_sanitize=address,undefined -Db_lundef=false
meson compile -C build-sanitize
run_tests build-sanitize --no-suite window --no-suite lint
# GTK, Pango and their modules keep much until the program ends; what is under
# the window is checked for leaks above.
ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 run_tests build-sanitize \
  --suite window

echo "== thread"
export TSAN_OPTIONS="suppressions=$root/tests/tsan.supp:halt_on_error=1"
# The thread sanitizer wants addresses that some kernels hand out only without
# randomisation.
if setarch -R true 2>/dev/null; then
  fixed="setarch -R"
fi
configure build-thread -Db_sanitize=thread -Db_lundef=false
run_tests build-thread --suite base --suite slide --suite detect --suite store

cat "$failures"
line="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || line="$line, $skipped skipped"
echo "$line"
[ "$failed" -eq 0 ]
