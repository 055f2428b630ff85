#!/usr/bin/env bash
# run_fuzzer.sh PROGRAM NEW-INPUTS SEEDS: fuzzes for GREFFE_FUZZ_SECONDS (30), from the seeds that the tests ship.
set -euo pipefail
mkdir -p "$2" "$2.findings"
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
exec "$1" -max_total_time="${GREFFE_FUZZ_SECONDS:-30}" -timeout=20 -rss_limit_mb=4096 -max_len=8192 -verbosity=0 \
  -print_final_stats=1 -artifact_prefix="$2.findings/" "$2" "$3"
