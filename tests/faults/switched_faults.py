"""Switches mistakes on, one after the other, and has the tests find each.

For a build with GREFFE_FAULT_SWITCHES (cmake --preset faulty). Every test passes without a mistake, and those named
beside a mistake fail with it, each; otherwise the exit code is 1.
"""
import argparse
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("build", type=pathlib.Path)
parser.add_argument("faults", nargs="*", help="these alone")
options = parser.parse_args()
BUILD = options.build.resolve()


def gtest(program, names):
    return [BUILD / "tests" / program, f"--gtest_filter={names}"]


def sweep(kind):
    return gtest("faults_test", f"Kinds/FaultSweep.*/{kind}")


POWER = [sys.executable, HERE / "power_cut.py", BUILD, "--cuts", "60"]
DAMAGE = [sys.executable, HERE / "damage.py", BUILD, "--damages", "60"]
MODEL = gtest("store_test", "ModelTest.*")
STORE = gtest("store_test", "StoreTest.*")
COMMITTER = gtest("store_test", "Committer*")
RECOVERY = gtest("store_test", "RecoveryTest.*")
RECORDS = gtest("store_test", "RecordsTest.*")
CONSOLIDATE = gtest("git_test", "ConsolidateTest.*")
GIT = gtest("git_test", "RepositoryTest.*")
INDEX = gtest("store_test", "IndexReadsTest.*")
CACHE = gtest("store_test", "RowCacheTest.*")
LOGS = gtest("journal_test", "Log*")
# Programs with a server of their own, to which the mistake goes with the environment.
SERVER_MODEL = [BUILD / "tests/greffe_model", "--operations", "2400", "--phase", "400", "--moments", "2", "--seed", "1"]
TORTURE = [BUILD / "tests/greffe_torture", "--kills", "40", "--seed", "1"]

# By mistake: each of these finds it.
FAULTS = {
    "journal-without-sync": POWER,      # a group is answered before it is on the disk
    "logs-unchecked": LOGS,             # a damaged log passes, a torn one is taken for damage
    "bit-unnoticed": LOGS,              # a flipped bit of the last record passes for a record that a crash cut off
    "answer-before-append": [sweep("eio"), TORTURE],  # ... before it is anywhere
    "failed-group-kept": sweep("enospc"),  # trees of a group that failed are in the next commit
    "answer-before-index": STORE,       # a client does not read its own write
    "upload-row-kept": STORE,           # a consumed upload is still offered
    "trim-before-ref": sweep("kill"),   # commits leave the journal before the repository has them
    "pack-forgets-blobs": STORE,
    "pack-without-sync": POWER,
    "upload-without-sync": POWER,
    "place-without-sync": POWER,        # a large content's name
    "rename-without-sync": POWER,
    "short-write-taken": sweep("short"),
    "content-unchecked": [GIT, DAMAGE],  # bytes are served without a look at their hashes
    "request-id-forgotten": STORE,
    "row-not-forgotten": INDEX,         # an entry that was read before it was changed is told as it was
    "written-row-kept": CACHE,          # a read beside a write leaves the former row behind
    "posting-forgotten": [MODEL, SERVER_MODEL],  # a list by owner does not find what has it since an update
    "as-of-too-new": [MODEL, SERVER_MODEL],
    "etag-ignored": STORE,
    "clash-ignored": STORE,
    "lock-ignored": RECORDS,            # a check-in against another one's lock
    "foreign-ref-taken": RECOVERY,
    "index-left-behind": RECOVERY,      # a start does not bring the index to the journal's head
    "group-lock-forgotten": COMMITTER,  # two acts of a group both take the lock
    "before-forgotten": COMMITTER,      # a group does not see what the one did that is being synced
    "failed-before-ignored": COMMITTER,  # ... and is written though that one failed
    "answered-out-of-turn": COMMITTER,
    "late-content-kept": STORE,         # a slow read leaves a former version behind as the latest one
    "merge-takes-all": CONSOLIDATE,     # packs that were not merged go with those that were
    "merge-forgets": GIT,               # consolidation leaves an object out
}


def run(command, fault):
    environment = {**os.environ, "GREFFE_FAULT_POINTS": "40"}
    environment.pop("GREFFE_FAULT", None)
    if fault:
        environment["GREFFE_FAULT"] = fault
    done = subprocess.run([str(part) for part in command], env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=1200)
    return done.returncode, done.stdout.decode(errors="replace")


def commands(fault):
    named = FAULTS[fault]
    return named if isinstance(named[0], list) else [named]


wrong = 0
chosen = options.faults or list(FAULTS)
for command in {str(command): command for fault in chosen for command in commands(fault)}.values():
    code, text = run(command, "")
    if code != 0:
        wrong += 1
        print(f"WRONG: without a mistake, {' '.join(map(str, command))} fails:\n{text[-2000:]}", flush=True)
for fault in chosen:
    for command in commands(fault):
        code, _ = run(command, fault)
        name = pathlib.Path(str(command[0] if command[0] != sys.executable else command[1])).name
        print(f"{fault}: {'found' if code != 0 else 'NOT FOUND'} by {name} {str(command[-1])[:60]}", flush=True)
        wrong += code == 0
print(f"{len(chosen)} mistakes, {wrong} wrong")
sys.exit(1 if wrong else 0)
