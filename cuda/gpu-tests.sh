#!/bin/sh
# Everything that needs a GPU, on a machine that has one: builds, runs the
# tests, compute-sanitizer's memcheck and racecheck, the benchmark, and ten
# minutes of soak, in detection and training.  Where there is a build of the
# whole program, the harnesses against the reference engine too, for detection
# and for training with its losses and PyTorch's numbers:
#
#   cuda/gpu-tests.sh [BUILD-FOLDER-OF-THE-PROGRAM]
#
# Skips with a word where there is no GPU.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
program=${1:-}
build=${AX_CUDA_BUILD:-$root/build-cuda}

[ -d "$build" ] || meson setup "$build" "$root/cuda"
meson compile -C "$build"
module=$build/engine/ax-engine-cuda.so
host=$build/test/ax-engine-cuda-host.so

status=0
"$build/test/bench-cuda-gpu" "$module" --probe || status=$?
[ "$status" -ne 77 ] || exit 0
[ "$status" -eq 0 ] || exit "$status"

# One part that fails does not keep the others from being run.
run_part ()
{
  "$@" || status=1
}

echo "== tests"
run_part meson test -C "$build" --print-errorlogs

echo "== compute-sanitizer"
sanitizer=$(command -v compute-sanitizer ||
            command -v /usr/local/cuda/bin/compute-sanitizer || true)
if [ -n "$sanitizer" ]; then
  # cuDNN asks for what may fail, and says so itself.  racecheck looks at
  # shared memory, which only its kernels have.
  for tool in memcheck racecheck; do
    run_part "$sanitizer" --tool "$tool" --report-api-errors no \
      --error-exitcode 1 "$build/test/test-cuda-gpu" "$module" "$host" --nodes
  done
else
  echo "skipped: no compute-sanitizer"
fi

echo "== harness"
if [ -n "$program" ]; then
  for engine in cuda cuda-fp32; do
    for group in node network; do
      run_part env "G_TEST_SRCDIR=$root/tests" "AX_ENGINE_PATH=$build/engine" \
        "$program/tests/engine/test-engines" -p "/engine/$engine/$group"
      run_part env "G_TEST_SRCDIR=$root/tests" "AX_ENGINE_PATH=$build/engine" \
        "$program/tests/engine/test-train" -p "/train/$engine/$group"
    done
  done
else
  echo "skipped: no build folder of the program was given"
fi

echo "== benchmark"
run_part "$build/test/bench-cuda-gpu" "$module"

echo "== soak"
run_part "$build/test/soak-cuda-gpu" "$module"

exit "$status"
