#!/bin/bash
# What README.md tells people to type runs as written, in its order: readme_test.sh SOURCE BIN_FOLDER SCRATCH_FOLDER
# Left out are the lines that need another machine, and the last one, which never ends.
set -euo pipefail
source=$1 bin=$2 scratch=$3

rm -rf "$scratch"
mkdir -p "$scratch/specs"
cd "$scratch"
mapfile -t lines < <(sed -n '/^## Five minutes/,/^## Running it/ { /^```sh$/,/^```$/p }' "$source/README.md" |
  grep -v -e '^```' -e example.org -e '^greffe watch ')
[[ ${#lines[@]} -gt 20 ]] || { echo "README.md has only ${#lines[@]} lines to type"; exit 1; }

"$bin/greffed" --data data --listen 127.0.0.1:0 --port-file port 2>log &
server=$!
trap 'kill "$server" && wait "$server"' EXIT
until [[ -s port ]]; do
  kill -0 "$server" || { cat log; exit 1; }
  sleep 0.05
done
GREFFE_SERVER=127.0.0.1:$(<port)
export GREFFE_SERVER
PATH=$bin:$PATH

printf 'not really a word file' >specs/pump.docx
printf -- '- a pump\n' >specs/plan.md
for line in "${lines[@]}"; do
  printf '$ %s\n' "$line"
  eval "$line" || { echo "README.md: this line ended with $?"; exit 1; }
done
