"""Cuts the power of a recorded run of the trace at many moments, and has what is left checked.

What a run asked of the file system (io_record.h) is replayed up to a moment. What was synced is there. Of the rest
anything may be: each write that no sync followed is there, is not, ends early, or lacks any of its sectors; of the names of
a folder that no sync of it followed, the first few are there. That is more than any file system in use would do.

With --killed the program is killed at a random call first and the store is opened again; the power goes while that second
program works, or behind it. It meets what the first one had done and not synced, which is not on the disk.

Exit code 0: nothing that was acknowledged is ever missing, and nothing is there by half.
"""
import argparse
import os
import pathlib
import posixpath
import random
import shutil
import signal
import subprocess
import sys
import tempfile

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("build", type=pathlib.Path)
parser.add_argument("--cuts", type=int, default=int(os.environ.get("GREFFE_POWER_CUTS", 24)))
parser.add_argument("--seed", type=int, default=int(os.environ.get("GREFFE_SEED", 1)))
parser.add_argument("--no-sync", action="store_true", help="run with the journal's sync switched off: losses must be found")
parser.add_argument("--killed", action="store_true", help="cut the power of a second program, behind one that was killed")
options = parser.parse_args()
BUILD = options.build.resolve()
SECTOR = 512
random_ = random.Random(options.seed)
scratch = pathlib.Path(tempfile.mkdtemp(prefix="greffe_power_"))
root = scratch / "data"


def run(*command, **environment):
    return subprocess.run([str(c) for c in command], env={**os.environ, **{k: str(v) for k, v in environment.items()}},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def record(command, fault="", allowed=(0,)):
    """Runs the trace, or its check; its calls, each a tuple that begins with the line's letter."""
    path, log = scratch / "record", scratch / "log"
    path.unlink(missing_ok=True)
    more = {"GREFFE_TRACE_NO_SYNC": 1} if options.no_sync else {}
    if fault:
        more["GREFFE_IO_FAULT"] = fault
    done = run(BUILD / "tests/greffe_trace", command, root, log, LD_PRELOAD=BUILD / "tests/greffe_io_calls.so",
               GREFFE_IO_ROOT=root, GREFFE_IO_RECORD=path, GREFFE_IO_MARKS=log, **more)
    if done.returncode not in allowed:
        sys.exit(f"greffe_trace {command} {fault} ended with {done.returncode}: {done.stdout}")
    calls = []
    data = path.read_bytes()
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        letter, _, rest = data[at:end].decode().partition(" ")
        at = end + 1
        if letter in "WM":
            *place, size = map(int, rest.split())
            calls.append((letter, *place, data[at:at + size]))
            at += size
        elif letter == "C":
            inode, name = rest.split(" ", 1)
            calls.append(("C", int(inode), posixpath.normpath(name)))
        elif letter in "TS":
            calls.append((letter, *map(int, rest.split())))
        else:
            calls.append((letter, *map(posixpath.normpath, rest.split("\t"))))
    return calls


class Disk:
    """What is on the disk, and what only the system's memory knows of yet."""

    def __init__(self):
        self.folders = {0: {}}  # as the program sees them: {name: inode} by inode; the root is 0
        self.names = {0: {}}    # on the disk
        self.changes = {}       # of names, by folder, that no sync followed: [[(name, inode or None), ...], ...]
        self.contents = {}      # on the disk, by inode
        self.writes = {}        # by inode, that no sync followed
        self.current = {}       # inode by the number that the file has now: numbers are given again
        self.last = 0
        self.marks = b""

    def find(self, path):
        inode = 0
        for name in pathlib.PurePath(path).relative_to(root).parts:
            inode = self.folders[inode][name]
        return inode

    def change(self, *changes):
        """Each a path, and what is there now; those of one folder are one change."""
        by_folder = {}
        for path, inode in changes:
            folder = self.find(posixpath.dirname(path))
            name = posixpath.basename(path)
            self.folders[folder].pop(name, None)
            if inode is not None:
                self.folders[folder][name] = inode
            by_folder.setdefault(folder, []).append((name, inode))
        for folder, names in by_folder.items():
            self.changes.setdefault(folder, []).append(names)

    def new(self):
        self.last += 1
        return self.last

    def do(self, call):
        letter, *rest = call
        if letter == "M":
            self.marks += rest[0]
        elif letter in "WT":
            self.writes.setdefault(self.current[rest[0]], []).append(call)
        elif letter == "S":
            inode = self.current[rest[0]]
            for write in self.writes.pop(inode, []):
                apply(self.contents.setdefault(inode, bytearray()), write)
        elif letter == "Y":
            folder = self.find(rest[0])
            for names in self.changes.pop(folder, []):
                rename(self.names[folder], names)
        elif letter == "C":
            self.current[rest[0]] = self.new()
            self.change((rest[1], self.last))
        elif letter == "D" and rest[0] != str(root):
            inode = self.new()
            self.folders[inode], self.names[inode] = {}, {}
            self.change((rest[0], inode))
        elif letter == "R":
            inode = self.find(rest[0])
            self.change((rest[0], None), (rest[1], inode))
        elif letter == "L":
            self.change((rest[1], self.find(rest[0])))
        elif letter in "UX":
            self.change((rest[0], None))

    def cut(self):
        """The power is gone. What comes back: {path: bytes, or None of a folder}."""
        contents = {inode: bytearray(content) for inode, content in self.contents.items()}
        for inode, writes in self.writes.items():
            for write in writes:
                fate = random_.random()
                if fate < 0.4:
                    apply(contents.setdefault(inode, bytearray()), write)
                elif fate < 0.55 and write[0] == "W":
                    half = random_.randrange(len(write[3]) // SECTOR + 1) * SECTOR
                    apply(contents.setdefault(inode, bytearray()), (*write[:3], write[3][:half]))
                elif fate < 0.8 and write[0] == "W":
                    for sector in sectors(write):
                        if random_.random() < 0.5:
                            apply(contents.setdefault(inode, bytearray()), sector)
        tree = {}

        def walk(folder, path):
            names = dict(self.names[folder])
            changes = self.changes.get(folder, [])
            for change in changes[:random_.randrange(len(changes) + 1)]:
                rename(names, change)
            for name, inode in names.items():
                is_folder = inode in self.folders
                tree[f"{path}/{name}"] = None if is_folder else bytes(contents.get(inode, b""))
                if is_folder:
                    walk(inode, f"{path}/{name}")
        walk(0, str(root))
        return tree


def rename(names, changes):
    for name, inode in changes:
        names.pop(name, None)
        if inode is not None:
            names[name] = inode


def sectors(write):
    """The same write, as one of each sector of the file."""
    letter, number, offset, data = write
    at = 0
    while at < len(data):
        end = min(len(data), at + SECTOR - (offset + at) % SECTOR)
        yield (letter, number, offset + at, data[at:end])
        at = end


def apply(content, call):
    if call[0] == "T":
        size = call[2]
        del content[size:]
        content.extend(bytes(size - len(content)))
        return
    _, _, offset, data = call
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset:offset + len(data)] = data


def restore(tree):
    shutil.rmtree(root, ignore_errors=True)
    os.mkdir(root)
    for path, content in tree.items():
        os.mkdir(path) if content is None else pathlib.Path(path).write_bytes(content)


def findings(marks):
    log = scratch / "marks"
    log.write_bytes(marks)
    check = run(BUILD / "tests/greffe_trace", "check", root, log)
    if check.returncode != 0:
        return check.stdout
    admin = [BUILD / "bin/greffe-admin", "--data", root]
    for command in ([*admin, "verify"], [*admin, "index", "verify"],
                    *(["git", "-C", r, "fsck", "--full", "--strict", "--no-progress"] for r in root.glob("repositories/*"))):
        result = run(*command)
        if result.returncode != 0:
            return f"{command[-1]}: {result.stdout}"
    return ""


def cut_evenly(disk, calls, cuts, before, losses):
    """Replays the calls; cuts the power evenly over them, and anywhere within each part."""
    done = 0
    for i in range(cuts):
        at = int((i + random_.random()) * (len(calls) + 1) / cuts)
        for call in calls[done:at]:
            disk.do(call)
        done = at
        restore(disk.cut())
        if found := findings(disk.marks):
            losses.append(f"after call {before + at}, {disk.marks.count(b' done ')} steps done: {found}")
    for call in calls[done:]:
        disk.do(call)


CUTS_BEHIND_A_KILL = 4
try:
    calls = record("run")
    losses = []
    if options.killed:
        counted = [call for call in calls if call[0] != "M"]
        name_syncs = [number for number, call in enumerate(counted, 1) if call[0] == "Y"]
        for i in range(0, options.cuts, CUTS_BEHIND_A_KILL):
            shutil.rmtree(root, ignore_errors=True)
            # Mostly where names are there that no sync followed: what is easily taken for durable by the next program.
            at = random_.choice(name_syncs) if random_.random() < 0.8 else random_.randrange(len(counted)) + 1
            disk = Disk()
            first = record("run", f"kill:{at}", (0, -signal.SIGKILL))
            for call in first:
                disk.do(call)
            cut_evenly(disk, record("check"), CUTS_BEHIND_A_KILL, len(first), losses)
            if i % 100 == 0:
                print(f"{i + CUTS_BEHIND_A_KILL} of {options.cuts} cuts, {len(losses)} with losses", flush=True)
    else:
        shutil.rmtree(root)
        disk = Disk()
        for part in range(0, options.cuts, 100):
            begin, end = (len(calls) * min(i, options.cuts) // options.cuts for i in (part, part + 100))
            cut_evenly(disk, calls[begin:end], min(100, options.cuts - part), begin, losses)
            print(f"{min(part + 100, options.cuts)} of {options.cuts} cuts, {len(losses)} with losses", flush=True)
    print(f"{options.cuts} cuts of the power over {len(calls)} calls, {len(losses)} with losses "
          f"(seed {options.seed}{', the journal does not sync' if options.no_sync else ''})")
    for loss in losses[:3]:
        print(loss)
    sys.exit(bool(losses) != options.no_sync)
finally:
    shutil.rmtree(scratch, ignore_errors=True)
