#!/usr/bin/env bash
# The unit runs the server as a user of its own, and each command of OPERATIONS.md on its data runs as that user.
set -euo pipefail
cd "$1/deploy"
failed=0
user=$(sed -n 's/^User=//p' greffed.service)
[ -n "$user" ] || { echo "greffed.service names no user"; exit 1; }
if grep -n '^DynamicUser=' greffed.service; then
  echo "^ nobody can be that user while the server is stopped"
  failed=1
fi
grep -q "^#.*useradd .* $user\$" greffed.service || { echo "greffed.service does not say how to make '$user'"; failed=1; }
# What begins a command: a line of a block, a backquote, a pipe; `git -C CLONE log` is for whoever has the clone.
if grep -nE '(^|`|xargs |\| *)(greffe-admin --|git -C |cp -)' OPERATIONS.md | grep -v '`git -C CLONE log`'; then
  echo "^ is not run as '$user'"
  failed=1
fi
# The shell of whoever types it would look for the names, in folders that are the server's alone.
if grep -noE '(^|`)[^`]*sudo -u [^`]*\*[^`]*' OPERATIONS.md | grep -v 'sh -c "'; then
  echo "^ has a * that '$user' does not get to see"
  failed=1
fi
exit "$failed"
