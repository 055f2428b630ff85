#!/usr/bin/env bash
# Who may include whom: proto <- storage (base <- git, journal, index <- store) <- services; clients on proto alone;
# git2.h, rocksdb/, grpcpp/, zip.h, pugixml.hpp and curl/ each in their own folders.
set -euo pipefail
cd "$1"
failed=0

# forbid WHAT WHERE...: no file under WHERE includes WHAT (an extended regular expression after the quote or bracket).
forbid() {
  local what=$1
  shift
  if grep -rnE "^#include [<\"]($what)" --include='*.h' --include='*.cc' "$@"; then
    echo "^ must not be included there: $what"
    failed=1
  fi
}

others() { find storage services clients -mindepth 1 -maxdepth 1 -type d | grep -vxE "$1"; }

forbid 'git2' $(others 'storage/git')
forbid 'zip\.h|pugixml' $(others 'services/templates')
forbid 'curl/' $(others 'services/webhooks')
forbid 'rocksdb/' $(others 'storage/journal|storage/index')
forbid 'grpcpp/|grpc/|.*\.grpc\.pb\.h' storage
forbid 'services/|clients/|tests/' storage
forbid 'storage/(git|journal|index|store)/' storage/base
forbid 'storage/(journal|index|store)/' storage/git
forbid 'storage/(git|index|store)/' storage/journal
forbid 'storage/(git|journal|store)/' storage/index
forbid 'storage/(git|journal|index)/' $(find services -mindepth 1 -maxdepth 1 -type d | grep -vxE 'services/(server|admin)')
forbid 'clients/|tests/' services
forbid 'storage/|services/|tests/' clients
# Services do not open each other; what they share is access and call.
for folder in services/*/; do
  folder=${folder%/}
  case $folder in services/server | services/admin) continue ;; esac
  for other in services/*/; do
    other=${other%/}
    case $other in "$folder" | services/access | services/call) continue ;; esac
    forbid "$other/" "$folder"
  done
done
exit "$failed"
