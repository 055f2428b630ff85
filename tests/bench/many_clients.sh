#!/usr/bin/env bash
# 1,000 clients at once, 10,000 idle ones, slow ones beside fast ones, and reads beside writes. About 20 minutes; ends by itself.
#
#   tests/bench/many_clients.sh [--quick] [--rounds N] [--seconds S] [--json FILE] [PART...]
set -euo pipefail
cd "$(dirname "$0")/../.."
deploy/install-packages.sh --tests >&2
if ! dpkg-query -W -f='${db:Status-Status}' libnghttp2-dev 2>/dev/null | grep -qx installed; then
  sudo=(); [ "$(id -u)" = 0 ] || sudo=(sudo)
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libnghttp2-dev >&2
fi
cmake --preset release >/dev/null
ninja -C build/release greffe_many bench >&2
exec python3 tests/bench/many_clients.py build/release "$@"
