#!/bin/bash
# The examples fetch the latest version: examples_test.sh SOURCE FAKE_SERVER SCRATCH_FOLDER python|node
# Exits 77 (skipped), saying why, where what an example needs is not installed.
set -euo pipefail
source=$1 fake=$2 scratch=$3 language=$4
examples=$source/clients/examples

skip() {
  echo "skipped: $1"
  exit 77
}

mkdir -p "$scratch"
if [[ $language == python ]]; then
  # Debian's python3-grpcio is for Debian's python3, which may stand behind another one.
  for python in python3 /usr/bin/python3 ""; do
    [[ -n $python ]] || skip "python3-grpcio is not installed"
    "$python" -c 'import grpc, google.protobuf' 2>/dev/null && break
  done
  command -v grpc_python_plugin >/dev/null || skip "protobuf-compiler-grpc is not installed"
  run=("$python" "$examples/fetch_latest.py")
else
  command -v node >/dev/null && command -v npm >/dev/null || skip "node and npm are not installed"
  if ! cmp -s "$examples/package-lock.json" "$scratch/package-lock.json" || [[ ! -d $scratch/node_modules ]]; then
    cp "$examples/package.json" "$examples/package-lock.json" "$scratch/"
    if ! npm ci --prefix "$scratch" --no-audit --no-fund >"$scratch/npm.log" 2>&1; then
      rm "$scratch/package-lock.json"
      skip "npm cannot install: $(tail -1 "$scratch/npm.log")"
    fi
  fi
  export NODE_PATH=$scratch/node_modules
  run=(node "$examples/fetch_latest.js")
fi

coproc SERVER { exec "$fake"; }
read -r address <&"${SERVER[0]}"
cd "$scratch"
rm -f a.md
# Past a proxy that is not there.
output=$(http_proxy=http://127.0.0.1:9 no_proxy="" no_grpc_proxy="" "${run[@]}" demo specs/a.md "$address")
echo "$output"
[[ $output == "projects/demo/documents/SPC-0001/versions/2 by Ann Author: 7 bytes" ]]
[[ $(cat a.md) == second ]]
if "${run[@]}" demo specs/missing.md "$address" 2>/dev/null; then
  echo "a document that is missing was fetched"
  exit 1
fi
