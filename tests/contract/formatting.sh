#!/usr/bin/env bash
# Every C++ file is as clang-format would leave it.
set -euo pipefail
command -v clang-format >/dev/null || { echo "skipped: clang-format is not installed"; exit 77; }
cd "$1"
find clients services storage tests \( -name node_modules -prune \) -o \( -name '*.h' -o -name '*.cc' \) -print0 |
  xargs -0 clang-format --dry-run -Werror
