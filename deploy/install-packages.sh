#!/usr/bin/env bash
# Installs the Debian 12 packages that Greffe is built from; with --tests those of its tests too. Does nothing where all
# are there. Needs root or sudo for what is missing, and asks nothing.
set -euo pipefail

packages=(
  build-essential ca-certificates ccache cmake git ninja-build pkg-config
  libgrpc++-dev protobuf-compiler-grpc libprotobuf-dev protobuf-compiler bazel-bootstrap-source
  librocksdb-dev libgit2-dev libcurl4-openssl-dev libabsl-dev libssl-dev zlib1g-dev libdeflate-dev libisal-dev libre2-dev
  libjemalloc-dev libzip-dev libpugixml-dev libutf8proc-dev rapidjson-dev libcli11-dev libspdlog-dev libtomlplusplus-dev
  libgtest-dev libgmock-dev tzdata
)
if [ "${1:-}" = --tests ]; then
  packages+=(clang clang-format curl libclang-rt-14-dev nodejs npm openssh-client procps python3 python3-grpcio)
fi

missing=()
for package in "${packages[@]}"; do
  # A program that came by other means than its package serves as well.
  case $package in
    nodejs) command -v node >/dev/null && continue ;;
    npm | clang | clang-format) command -v "$package" >/dev/null && continue ;;
  esac
  dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "== installing ${#missing[@]} Debian packages: ${missing[*]}"
sudo=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "root or sudo is needed to install packages" >&2; exit 1; }
  sudo=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${sudo[@]}" apt-get update -qq
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
