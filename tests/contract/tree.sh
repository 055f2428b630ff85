#!/usr/bin/env bash
# Nothing lies at the top but what belongs there; nothing is marked as unfinished; no name of an author's machine.
set -euo pipefail
cd "$1"
git rev-parse --git-dir >/dev/null 2>&1 || { echo "skipped: not a git checkout"; exit 77; }
failed=0
known='CMakeLists.txt|CMakePresets.json|proto|services|storage|clients|deploy|tests|README.md|ARCHITECTURE.md|CHANGELOG.md|LICENSE|\..*'
if git ls-files | cut -d/ -f1 | sort -u | grep -vxE "$known"; then
  echo "^ does not belong at the top"
  failed=1
fi
if git grep -nE '\b(TODO|FIXME|XXX|HACK)\b' -- '*.h' '*.cc' '*.proto' '*.sh' '*.py' '*.js' '*.cmake' 'CMakeLists.txt' ':!tests/contract/tree.sh'; then
  echo "^ is unfinished"
  failed=1
fi
for script in $(git ls-files '*.sh'); do
  bash -n "$script" || failed=1
done
exit "$failed"
