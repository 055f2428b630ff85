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
# It cannot make a folder in one that is root's: before a command fills one, another has made it.
made=" "
while read -ra words; do
  case "${words[0]}" in
    install) made+="${words[-1]} "; continue ;;
    *) [ "${words[3]}" = restore ] && folder=${words[2]} || folder=${words[4]} ;;
  esac
  [[ $folder == /var/lib/greffe/* || $made == *" $folder "* ]] && continue
  echo "'${words[*]}': no 'install -d' before it makes $folder for '$user'"
  failed=1
done < <(grep -oE "install -d -o $user -g $user -m 700 [^\` ]+|greffe-admin --data [^\` ]+ (backup [^-\` ][^\` ]*|restore)" OPERATIONS.md)
exit "$failed"
