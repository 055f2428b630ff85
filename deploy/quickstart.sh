#!/usr/bin/env bash
# From a fresh Debian 12 to a running server with documents in it: installs, builds, starts, checks in, fetches. May run
# twice: what is there is kept. Everything it makes lies in build/ and var/ of this checkout.
#
#   deploy/quickstart.sh          do it
#   deploy/quickstart.sh --stop   stop the server that it started
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
var=$root/var
export GREFFE_PROJECT=pumping-station
log=$var/greffed.log
bin=$root/build/release/bin

say() { printf '\n== %s\n' "$*"; }

# The process id of the server that an earlier run started; fails when there is none, or when it has ended and nobody
# has asked how (a zombie, as in containers whose first process does not).
running() {
  local pid name state
  pid=$(cat "$var/greffed.pid" 2>/dev/null) && read -r _ name state _ 2>/dev/null <"/proc/$pid/stat" &&
    [ "$name" = "(greffed)" ] && [ "$state" != Z ] && echo "$pid"
}

# Each step of the story once, however often this is run, and broken off: those that were begun, and those that are done,
# stand in a file beside the data. One that an earlier run began, and did not see the end of, may be done, and is a conflict
# now (4); the same code of a step that was not begun before is a refusal.
once() {
  local name=$1 code=0 begun=no
  shift
  if grep -qxF "$name" "$var/steps"; then return; fi
  if grep -qxF "begun $name" "$var/steps"; then begun=yes; else echo "begun $name" >>"$var/steps"; fi
  "$@" || code=$?
  if [ "$code" = 4 ] && [ "$begun" = no ]; then sed -i "/^begun $name\$/d" "$var/steps"; fi
  [ "$code" = 0 ] || { [ "$code" = 4 ] && [ "$begun" = yes ]; } || exit "$code"
  echo "$name" >>"$var/steps"
}

answers() { "$bin/greffe" --server "127.0.0.1:$(cat "$var/port" 2>/dev/null)" server status >/dev/null 2>&1; }

stop() {
  kill -TERM "$1"
  while running >/dev/null; do sleep 0.1; done # bounded by the server's own stop_seconds
  rm -f "$var/greffed.pid" "$var/port"
}

mkdir -p "$var"
# One run at a time. The server does not keep the lock.
exec 9>"$var/lock"
flock -n 9 || { echo "waiting for another run of this script to end"; flock 9; }

if [ "${1:-}" = --stop ]; then
  pid=$(running) || { echo "no server is running"; exit 0; }
  stop "$pid"
  echo "stopped; the data stays in $var/data"
  exit 0
fi

deploy/install-packages.sh
say "building (the first time takes some minutes)"
cmake --preset release >/dev/null
ninja -C build/release greffed greffe greffe-admin

# One that begins, or was killed a moment ago, has a process and does not answer: soon it does, or has none.
for ((waits = 0; waits < 600; ++waits)); do
  if ! running >/dev/null || answers; then break; fi
  [ "$waits" != 0 ] || say "waiting for process $(running) to answer, or to end"
  sleep 0.1
done
if pid=$(running) && [[ $(readlink "/proc/$pid/exe") = *"(deleted)" ]]; then
  say "the program was built anew: stopping process $pid, which runs the former one"
  stop "$pid"
fi
if pid=$(running); then
  say "the server runs already, process $pid"
else
  say "starting the server on $var/data"
  rm -f "$var/port"
  # The usual port, or a free one where that is taken.
  port=7433
  if (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; then port=0; fi
  setsid "$bin/greffed" --data "$var/data" --listen "127.0.0.1:$port" --port-file "$var/port" >>"$log" 2>&1 </dev/null 9>&- &
  pid=$!
  echo "$pid" >"$var/greffed.pid"
  # It writes the port once it listens, or ends with the reason in its log.
  until [ -s "$var/port" ]; do
    if [ ! -d "/proc/$pid" ]; then
      tail -n 5 "$log" >&2
      exit 1
    fi
    sleep 0.1
  done
fi
GREFFE_SERVER=127.0.0.1:$(cat "$var/port")
export GREFFE_SERVER
PATH=$bin:$PATH
greffe server status

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say "a project, and documents in it"
if ! greffe project show "$GREFFE_PROJECT" >/dev/null 2>&1; then
  : >"$var/steps"
  greffe project create "$GREFFE_PROJECT" --title "Pumping station 4" >/dev/null
fi
touch "$var/steps"
[ ! -s "$var/steps" ] || echo "what is there from an earlier run stays as it is"
cp deploy/samples/* "$work/"
cd "$work"
once specification greffe put specification.md --type specification -m "First issue"
once risk-sheet greffe put risk-sheet.csv --type risk-sheet -m "Risks after the kick-off"
once progress-report greffe put progress-report.md --type progress-report -m "February"
once minutes greffe put minutes.md --type minutes -m "Steering committee of 3 March"
once budget greffe put budget.csv --type budget -m "Baseline"
say "a second version of the specification"
sed -i 's/1,200 l\/s at a head of 9 m/1,350 l\/s at a head of 9 m/' specification.md
once flow greffe put specification.md -m "R-01: flow raised after the hydraulic study"
cd "$root"

say "the register"
greffe ls
say "the history of the specification"
greffe log specification.md
say "what changed"
greffe diff specification.md
say "the latest version, and the first one"
greffe get specification.md -o - | grep 'R-01'
greffe get specification.md --version 1 -o - | grep 'R-01'

# Days from today on, so that the story is never late by itself.
day() { date -u -d "today + $1 days" +%F; }
say "a milestone, and the deliverable that it waits for"
once milestone greffe milestone create "Specification frozen" --id G1 --planned "$(day 30)"
once deliverable greffe deliverable create "Functional specification" --id D1 --planned "$(day 20)" --milestone G1 --owner paul --acceptor client \
  --document specification.md --criterion "reviewed and released"
say "a review by two, and the release: revision A"
once review greffe review open specification.md --reviewer tom --reviewer lea --due "$(day 7)" -m "Is the flow right?"
once approval greffe --principal tom review approve RVW-0001 -m "Agreed"
once comment greffe --principal lea review comment RVW-0001 --line 14 -m "Say at which level the head is meant"
once approval-with-comments greffe --principal lea review approve RVW-0001 --with-comments -m "See the comment on R-01"
once release greffe release specification.md -m "Reviewed by tom and lea"
say "what hangs on it: the risk sheet is linked, and a change would make the link suspect"
once link greffe trace link risk-sheet.csv relates-to specification.md -m "R1 is about the flow"
say "submitted, and accepted with a reservation: an action, and an acceptance record"
once submission greffe deliverable submit D1 specification.md
once acceptance greffe --principal client deliverable accept D1 --reservation "paul:$(day 14):Say at which level the head is meant"
once gate greffe milestone achieve G1
say "frozen as a baseline, and sent to the supplier as a transmittal"
once baseline greffe baseline create gate-1 --released --kind contractual -m "What was agreed at the gate"
once transmittal greffe transmittal create specification.md --released --to supplier --title "Specification for tender" --reason use --due "$(day 10)"
say "then the specification changes"
cd "$work"
sed -i 's/at a head of 9 m/at a head of 9 m above the sill/' specification.md
once level greffe put specification.md -m "Level of the head, from the reservation"
cd "$root"
say "the registers: a risk, a meeting whose minutes become a decision and an action, a checklist, the budget"
once risk greffe risk add "The flow is higher than the inlet can take" --owner paul --probability 3 --impact 4 --response mitigate --due "$(day 21)"
once risks greffe table import risks deploy/samples/risk-sheet.csv -m "From the risk sheet" \
  --map consequence=effect --map response=response_plan --map due=review_date
once meeting greffe meeting add "Steering committee" --meeting-date "$(day 0)" --attendees paul --attendees tom
once meeting-minutes greffe meeting minutes MTG-0001 --decision "The inlet is widened" --action "paul:$(day 10):Ask for an offer"
once checklist greffe checklist add "Before a gate" --item "Are all documents released?" --optional-item "Is there cake?"
once run greffe checklist run CKL-0001 --due "$(day 25)"
once answer greffe run answer RUN-0001 1=pass
once budget-line greffe budget add "Pumps" --currency EUR --planned 120000 --actual 61000 --forecast 124500 --percent-complete 45
say "deliverables, milestones, actions, risks, budget"
greffe deliverable ls
greffe milestone ls
greffe action ls
greffe risk ls
greffe budget ls
say "the risks as a table for a spreadsheet, and back: nothing was edited"
greffe table export risks --to "$work/risks.csv"
greffe table import risks "$work/risks.csv" --dry-run
say "what changed since the gate, and since the supplier received it; which links are suspect"
greffe baseline compare gate-1
greffe transmittal changes TRM-0001
greffe trace ls --state suspect
say "how the project stands, and what changed this week"
greffe status
greffe portfolio
greffe report
say "what paul was told meanwhile, and what waits for tom as a digest"
greffe --principal paul inbox ls
greffe --principal tom inbox digest

cat <<END

== it works. Next:
  export GREFFE_SERVER=$GREFFE_SERVER GREFFE_PROJECT=$GREFFE_PROJECT PATH=$bin:\$PATH
  greffe put my-folder/              check in a folder of your own, as one commit
  greffe import git /path/to/repo    take in a history: authors and times are kept
  greffe get specification.md --released -o -    the released version, not the latest
  greffe trace impact specification.md           what hangs on it
  greffe deliverable ls --late                   what should be there, and is not
  greffe transmittal download TRM-0001           the package as the supplier got it, with SHA-256 sums
  greffe watch                       see changes as they happen
  greffe --principal paul inbox watch            what paul is told, as he is told it
  greffe ls --as-of 3                the project as it was after its third commit
  git clone $var/data/repositories/$GREFFE_PROJECT.git   stock git reads it all, a few seconds behind
  deploy/quickstart.sh --stop        stop the server; the data stays in $var
END
