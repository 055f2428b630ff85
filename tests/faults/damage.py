"""Damages files of a store, a bit, a cut or a whole file at a time, and has the store say what it thinks of it.

Each damage must be refused at the start, or named when it is read, or found by `greffe-admin verify`; no answer may be
another one than before, and nothing may crash. A damaged index is made anew by itself.
"""
import argparse
import collections
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("build", type=pathlib.Path)
parser.add_argument("--damages", type=int, default=int(os.environ.get("GREFFE_DAMAGES", 60)))
parser.add_argument("--seed", type=int, default=int(os.environ.get("GREFFE_SEED", 1)))
options = parser.parse_args()
BUILD = options.build.resolve()
random_ = random.Random(options.seed)
scratch = pathlib.Path(tempfile.mkdtemp(prefix="greffe_damage_"))
whole, data = scratch / "whole", scratch / "data"


def run(*command, **environment):
    done = subprocess.run([str(c) for c in command], env={**os.environ, **{k: str(v) for k, v in environment.items()}},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    return done.returncode, done.stdout.decode(errors="replace")


def dump(folder):
    """Exit code, answers, errors among them, and what the log said."""
    code, text = run(BUILD / "tests/greffe_trace", "dump", folder)
    lines = text.splitlines()
    log = [line for line in lines if line.startswith("log: ")]
    errors = [line for line in lines if ": error: " in line]
    return code, set(lines) - set(log) - set(errors), errors, log


def make():
    """A store that died with commits in its journal, packs, large contents, and an index on the disk."""
    count = scratch / "count"
    fault = {"LD_PRELOAD": BUILD / "tests/greffe_io_calls.so", "GREFFE_IO_ROOT": whole}
    run(BUILD / "tests/greffe_trace", "run", whole, scratch / "log", GREFFE_IO_COUNT=count, **fault)
    calls = int(count.read_text())
    shutil.rmtree(whole)
    run(BUILD / "tests/greffe_trace", "run", whole, scratch / "log", GREFFE_IO_FAULT=f"kill:{calls * 9 // 10}", **fault)


def kind_of(path):
    """What the file is to the store; None: nothing that it reads."""
    name = path.name
    if "journal" in path.parts or "index" in path.parts:
        folder = "journal" if "journal" in path.parts else "index"
        for suffix, kind in ((".log", "log"), (".sst", "sst")):
            if name.endswith(suffix):
                return f"{folder} {kind}"
        if name.startswith("MANIFEST") or name == "CURRENT":
            return f"{folder} manifest"
        return None
    if "repositories" in path.parts:
        for suffix in (".pack", ".idx"):
            if name.endswith(suffix):
                return suffix[1:]
        if len(path.parent.name) == 2 and path.parent.parent.name == "objects":
            return "large content"
        if "refs" in path.parts:
            return "ref"
    return "format" if name == "format" else None


def damage(path, kind):
    # That a log is not there as a whole cannot be told from less having been written (storage/FORMAT.md).
    if random_.random() < 0.1 and kind != "journal log":
        path.unlink()
        return "removed"
    content = bytearray(path.read_bytes())
    # A log goes on with zeros, which say nothing.
    end = len(content.rstrip(b"\0")) if kind == "journal log" else len(content)
    path.chmod(0o644)
    if random_.random() < 0.3:
        size = random_.randrange(max(end, 1))
        del content[size:]
        what = f"cut to {size} bytes"
    else:
        at = random_.randrange(max(end, 1))
        bit = random_.randrange(8)
        content[at] ^= 1 << bit
        what = f"bit {bit} of byte {at}"
    path.write_bytes(content)
    return what


make()
shutil.copytree(whole, data)
code, expected, errors, log = dump(data)
assert code == 0 and len(expected) > 100 and not errors, errors
code, text = run(BUILD / "bin/greffe-admin", "--data", data, "verify")
assert code == 0, text
places = collections.defaultdict(list)
for path in sorted(whole.rglob("*")):
    if path.is_file() and path.stat().st_size > 0 and kind_of(path) is not None:
        places[kind_of(path)].append(path)

wrong = []
tally = collections.defaultdict(collections.Counter)
for turn in range(options.damages):
    kind = sorted(places)[turn % len(places)]
    path = random_.choice(places[kind])
    shutil.rmtree(data)
    shutil.copytree(whole, data)
    target = data / path.relative_to(whole)
    what = f"{path.relative_to(whole)}, {damage(target, kind)}"
    removed = not target.exists()
    same_text = not removed and target.read_bytes().strip().lower() == path.read_bytes().strip().lower()
    damaged = scratch / "damaged"
    shutil.rmtree(damaged, ignore_errors=True)
    shutil.copytree(data, damaged)

    code, answers, errors, log = dump(data)
    warned = any("are lost" in line for line in log)
    if code not in (0, 1):
        wrong.append(f"{what}: crashed with {code}: {sorted(answers)[-5:]}")
    elif not warned and answers - expected:
        wrong.append(f"{what}: answers that are not true: {sorted(answers - expected)[:5]} {log[:3]}")
    elif not warned and not errors and answers != expected:
        wrong.append(f"{what}: answers are missing, and nothing says why: {sorted(expected - answers)[:5]}")
    verified, report = run(BUILD / "bin/greffe-admin", "--data", damaged, "verify")
    if verified not in (0, 1, 3):
        wrong.append(f"{what}: greffe-admin verify crashed with {verified}: {report[-1000:]}")
    if kind.startswith("index"):
        if any("INDEX_DAMAGED" not in line and "index" not in line for line in errors):
            wrong.append(f"{what}: an error that is not about the index: {errors[:3]}")
        # At the latest the next start has it whole again.
        again, answers, later, _ = dump(data)
        if later and not errors:  # read for the first time when that one merged files
            again, answers, later, _ = dump(data)
        if again != 0 or later or answers != expected:
            wrong.append(f"{what}: the index was not made anew: {later[:3]} {sorted(answers ^ expected)[:5]}")
        remade = any("made again" in line for line in log)
        outcome = "made anew" if remade else "named on reading, then made anew" if errors else "not in what was read"
    elif code == 1 and any(line.startswith("open: error: ") for line in errors):
        outcome = "refused at the start"
    elif errors:
        outcome = "named on reading"
    elif warned:
        outcome = "named in the log"
    elif verified != 0:
        outcome = "found by verify"
    else:
        outcome = "without effect"
        # What a database has left behind, a log that ends early as after a crash, a line feed, an A for an a.
        # And an idx is made again of its pack, where there is none, or one that cannot be read.
        idx_made = kind == "idx" and (removed or target.with_name(target.name + ".damaged").exists())
        if not kind.startswith("journal") and not same_text and not idx_made:
            wrong.append(f"{what}: nobody finds it")
    tally[kind][outcome] += 1

for kind in sorted(tally):
    print(f"{kind}: " + ", ".join(f"{count} {outcome}" for outcome, count in sorted(tally[kind].items())))
for text in wrong:
    print("WRONG:", text)
print(f"{options.damages} damages (seed {options.seed}), {len(wrong)} wrong")
if not wrong:
    shutil.rmtree(scratch)
sys.exit(1 if wrong else 0)
