#!/usr/bin/env bash
# The contract is clean by buf's rules (proto/buf.yaml says which, and why not the others).
set -euo pipefail
buf=$1/build/npm/node_modules/.bin/buf
if [ ! -x "$buf" ]; then
  echo "skipped: npm's @bufbuild/buf is not installed (tests/run.sh installs it)"
  exit 77
fi
cd "$1/proto"
"$buf" lint
