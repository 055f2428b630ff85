#!/usr/bin/env bash
# Greffe's figures beside those of its peers, in one run on this machine.
#
#   tests/bench/compare.sh [--quick] [--json FILE] [ROW...]     needs tests/run.sh's packages, and h2load, etcd, svn (installed here)
set -euo pipefail
cd "$(dirname "$0")/../.."
deploy/install-packages.sh --tests >&2
missing=()
for package in nghttp2-client libnghttp2-dev etcd-server subversion; do
  dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  sudo=(); [ "$(id -u)" = 0 ] || sudo=(sudo)
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi
cmake --preset release >/dev/null
ninja -C build/release greffe_many bench >&2
exec python3 tests/bench/compare.py build/release "$@"
