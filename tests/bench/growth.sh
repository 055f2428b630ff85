#!/usr/bin/env bash
# What growth costs: 1,200,000 versions of 300,000 documents, 100,000 documents in one project, and the slope of a commit. About
# ten minutes and 12 GiB below $GREFFE_BENCH_DIR (default /var/tmp), which go at the end.
#
#   tests/bench/growth.sh [--quick] [--rounds N] [--json FILE] [--projects N] ... [PART...]     --help tells all
set -euo pipefail
cd "$(dirname "$0")/../.."
deploy/install-packages.sh --tests >&2
if ! dpkg-query -W -f='${db:Status-Status}' libnghttp2-dev 2>/dev/null | grep -qx installed; then
  sudo=(); [ "$(id -u)" = 0 ] || sudo=(sudo)
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libnghttp2-dev >&2
fi
cmake --preset release >/dev/null
ninja -C build/release greffe_many bench >&2
exec python3 tests/bench/growth.py build/release "$@"
