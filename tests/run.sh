#!/usr/bin/env bash
# Builds everything and runs every test: the programs of the release build as users run them, the storage and service tests
# under AddressSanitizer and UndefinedBehaviorSanitizer, then the fuzz targets. Ends with the runner's own counts. May run
# twice; asks nothing.
#
#   tests/run.sh            everything
#   tests/run.sh release    all tests on the release build alone, without sanitizers and fuzz targets
#   tests/run.sh long       only ThreadSanitizer and the long forms of the fault suites: hours (tests/bench/RESULTS.md has what
#                           they gave)
set -euo pipefail
cd "$(dirname "$0")/.."

deploy/install-packages.sh --tests
echo "== npm package for the contract's test"
mkdir -p build/npm
npm install --prefix build/npm --no-save --no-audit --no-fund --fetch-retries=1 --fetch-timeout=60000 --loglevel=error \
  @bufbuild/buf@1 ||
  echo "npm could not install it: the test that needs it will say that it was skipped"

jobs=$(nproc)
if [ "${1:-}" = long ]; then
  for preset in release faulty fuzz tsan; do
    cmake --preset "$preset" -DGREFFE_UNIT_TESTS=ON >/dev/null
    targets=()
    [ "$preset" = fuzz ] && targets=(fuzzers)
    [ "$preset" = tsan ] && targets=(sanitized_tests)
    ninja -C "build/$preset" "${targets[@]}"
  done
  seed=${GREFFE_SEED:-$(date +%Y%m%d)}
  echo "== seed $seed"
  status=0
  ctest --test-dir build/tsan -L threads --no-tests=error --output-on-failure || status=$?
  GREFFE_FAULT_POINTS=all build/release/tests/faults_test || status=$?
  python3 tests/faults/power_cut.py build/release --cuts 10000 --seed "$seed" || status=$?
  python3 tests/faults/power_cut.py build/release --killed --cuts 1000 --seed "$seed" || status=$?
  python3 tests/faults/damage.py build/release --damages 10000 --seed "$seed" || status=$?
  python3 tests/faults/switched_faults.py build/faulty || status=$?
  build/release/tests/greffe_torture --kills 1000 --seed "$seed" || status=$?
  build/release/tests/greffe_model --operations 1000000 --phase 2000 --moments 1 --seed "$seed" || status=$?
  GREFFE_FUZZ_SECONDS=3600 ctest --test-dir build/fuzz -L fuzz --no-tests=error --output-on-failure -j "$jobs" || status=$?
  exit "$status"
fi
echo "== release build"
unit_tests=OFF
[ "${1:-}" = release ] && unit_tests=ON
cmake --preset release -DGREFFE_UNIT_TESTS=$unit_tests >/dev/null
ninja -C build/release
if [ "${1:-}" != release ]; then
  echo "== build with AddressSanitizer and UndefinedBehaviorSanitizer, fuzz targets too"
  cmake --preset sanitized >/dev/null
  ninja -C build/sanitized sanitized_tests fuzzers
fi

status=0
# Some of them wait for a disk: one more than there are processors.
echo "== tests of the release build"
ctest --test-dir build/release --no-tests=error --output-on-failure --progress -j $((jobs + 1)) || status=$?
if [ "${1:-}" != release ]; then
  echo "== tests under the sanitizers"
  export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:quarantine_size_mb=64 UBSAN_OPTIONS=print_stacktrace=1
  ctest --test-dir build/sanitized -L sanitized --no-tests=error --output-on-failure --progress -j $((jobs + 1)) || status=$?
  awk '/\[  PASSED  \]/ {passed += $4} / FAILED TEST/ {failed += $1}
    END {printf "%d tests passed, %d tests failed under the sanitizers\n", passed, failed}' \
    build/sanitized/Testing/Temporary/LastTest.log
  echo "== fuzzing, ${GREFFE_FUZZ_SECONDS:=30} seconds a target"
  export GREFFE_FUZZ_SECONDS
  ctest --test-dir build/sanitized -L fuzz --no-tests=error --output-on-failure --progress -j $((jobs + 1)) || status=$?
fi
exit "$status"
