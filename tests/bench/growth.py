"""What growth costs; growth.sh builds what it needs."""
import argparse
import contextlib
import json
import os
import pathlib
import shutil
import statistics
import tempfile
import time

import servers
from servers import memory, run, say, size_of

parser = argparse.ArgumentParser()
parser.add_argument("build", type=pathlib.Path)
parser.add_argument("parts", nargs="*", help="only these: size documents versions folders")
parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the figures there as well")
parser.add_argument("--rounds", type=int, default=3, help="each figure is the median of so many that take turns")
parser.add_argument("--projects", type=int, default=300, help="of the large server")
parser.add_argument("--documents", type=int, default=1000, help="of each of its projects")
parser.add_argument("--versions", type=int, default=4, help="of each of its documents")
parser.add_argument("--single", type=int, default=100_000, help="documents of the largest single project")
parser.add_argument("--deep", type=int, default=10_000, help="versions of the deepest document")
parser.add_argument("--wide", type=int, default=4096, help="files of the widest folder")
parser.add_argument("--count", type=int, default=1000, help="calls that one figure is the median of")
parser.add_argument("--quick", action="store_true", help="one round of everything at a thirtieth")
options = parser.parse_intermixed_args()
if options.quick:
    options.rounds, options.projects, options.documents, options.versions = 1, 20, 250, 3
    options.single, options.deep, options.wide, options.count = 4000, 400, 1024, 200
COUNT = options.count
BIN = options.build.resolve() / "bin"
scratch = pathlib.Path(tempfile.mkdtemp(prefix="greffe_bench_", dir=os.environ.get("GREFFE_BENCH_DIR", "/var/tmp")))
tables = []
# The packer waits until it is asked, so that what a commit leaves in the journal can be counted.
UNPACKED = ["--store-pack-delay-ms", "3600000", "--store-pack-bytes", str(1 << 33)]


def median(values):
    return statistics.median(list(values))


def grow(server, subcommand, **flags):
    words = [x for k, v in flags.items() for x in (f"--{k}", str(v))]
    return json.loads(run(BIN / "greffe_grow", "--server", server, *words, subcommand))


def cpu(child):
    """Seconds of processor that its threads have used."""
    tasks = pathlib.Path(f"/proc/{child.pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def table(title, columns, rows):
    tables.append({"title": title, "columns": columns, "rows": rows})
    text = f"{title}\n\n| " + " | ".join(columns) + " |\n| --- |" + " ---: |" * (len(columns) - 1) + "\n"
    for row in rows:
        text += "| " + " | ".join(x if isinstance(x, str) else f"{x:,.1f}" for x in row) + " |\n"
    print(text, flush=True)


class Server:
    """A server that was filled, and what was measured on it round by round."""

    def __init__(self, name, label, *more, **shape):
        self.name, self.label, self.more, self.shape = name, label, more, shape
        self.figures = {}

    def open(self, stack):
        self.address, self.data, self.child = stack.enter_context(servers.greffed(BIN, scratch, self.name, *self.more))

    def fill(self, versions=1):
        say(f"{self.name}: filling, {self.label}")
        start = time.monotonic()
        self.bytes = grow(self.address, "fill", versions=versions, **self.shape)["content_bytes"]
        grow(self.address, "flush")
        say(f"{self.name}: filled in {time.monotonic() - start:.0f} s")

    def add(self, name, value):
        self.figures.setdefault(name, []).append(value)

    def median(self, name):
        return median(self.figures[name])

    def call(self, subcommand, count=COUNT, **flags):
        self.add(subcommand, grow(self.address, subcommand, count=count, **(self.shape | flags))["micros"])


def size():
    """Many versions of many documents in many projects, and many documents in one, beside 1,000 documents."""
    few = min(1000, options.documents)
    all_versions = options.projects * options.documents * options.versions
    shapes = [
        (Server("few", f"{few:,} documents in 1 project", projects=1, documents=few), options.versions),
        (Server("single", f"{options.single:,} documents in 1 project", projects=1, documents=options.single), 1),
        (Server("many", f"{options.projects * options.documents:,} documents in {options.projects} projects",
                projects=options.projects, documents=options.documents), options.versions)]
    for server, versions in shapes:
        server.versions = server.shape["projects"] * server.shape["documents"] * versions
        with contextlib.ExitStack() as stack:
            server.open(stack)
            server.fill(versions)
        server.add("packs", size_of(server.data / "repositories"))
        server.add("index", size_of(server.data / "index"))
    for _ in range(options.rounds):
        for server, _ in shapes:
            start = time.monotonic()
            with contextlib.ExitStack() as stack:
                server.open(stack)
                server.add("start", (time.monotonic() - start) * 1000)
                reads = json.loads(run(BIN / "greffe_many", "--server", server.address, "--seconds", 2 if options.quick else 5,
                                       *(x for k, v in server.shape.items() for x in (f"--{k}", v)), "reads"))
                server.add("reads", reads["reads_per_second"])
                for subcommand in ("read", "list", "history", "checkin"):
                    server.call(subcommand)
                server.add("memory", memory(server.child, "VmHWM"))
    rows = []
    for what, name in (("random latest reads, 128 at a time, 1/s", "reads"), ("one latest read, us", "read"),
                       ("page of 50 documents of a folder, us", "list"), ("page of history, us", "history"),
                       ("check-in of 4 KiB, us", "checkin"), ("start after a clean stop, ms", "start"),
                       ("memory at most, MiB", "memory")):
        values = [s.median(name) for s, _ in shapes]
        rows.append([what] + values + [values[1] / values[0], values[2] / values[0]])
    for what, name in (("repositories on disk, bytes a version", "packs"), ("index on disk, bytes a version", "index")):
        values = [s.median(name) / s.versions for s, _ in shapes]
        rows.append([what] + values + [values[1] / values[0], values[2] / values[0]])
    values = [s.bytes / s.versions for s, _ in shapes]
    rows.append(["(content, bytes a version)"] + values + [values[1] / values[0], values[2] / values[0]])
    table(f"Size: {all_versions:,} versions", ["what"] + [s.label for s, _ in shapes] + ["ratio", "ratio"], rows)


def slope(title, column, points, count):
    """What one commit costs on each of `points`: servers that are filled, and the flags of the check-ins."""
    with contextlib.ExitStack() as stack:
        for server, _, prepare in points:
            server.open(stack)
            server.fill()
            prepare(server)
            grow(server.address, "flush")
        for _ in range(options.rounds + 1):  # the first one warms up
            for server, flags, _ in points:
                before = cpu(server.child)
                server.call("checkin", count=count, **flags)
                server.add("cpu", (cpu(server.child) - before) / count * 1e6)
                server.add("journal", grow(server.address, "unpacked")["bytes"] / count - 4096)
                packs, before = size_of(server.data / "repositories"), cpu(server.child)
                grow(server.address, "flush")
                server.add("packing", (cpu(server.child) - before) / count * 1e6)
                server.add("packed", (size_of(server.data / "repositories") - packs) / count)
    rows = []
    for server, _, _ in points:
        kept = {name: median(values[1:]) for name, values in server.figures.items()}
        rows.append([server.label, kept["checkin"], kept["cpu"], kept["packing"], kept["journal"], kept["packed"]])
    table(title, [column, "check-in, one client, us", "processor, us", "packing, processor us",
                  "trees and record in the journal, bytes", "in the pack, bytes"], rows)


def nothing(_):
    pass


def documents():
    sizes = [n for n in (1_000, 10_000, 100_000) if n <= options.single] or [options.single]
    if options.single not in sizes:
        sizes.append(options.single)
    slope("Cost of a commit by documents of the project, folders of 256", "documents",
          [(Server(f"documents-{n}", f"{n:,}", *UNPACKED, projects=1, documents=n), {}, nothing) for n in sizes], COUNT)


def versions():
    depths = [n for n in (1, 100, 1_000, 10_000) if n <= options.deep]
    if options.deep not in depths:
        depths.append(options.deep)

    def deepen(n):
        return lambda server: grow(server.address, "checkin", count=max(1, n - 1), document=0)
    slope("Cost of a commit by versions of its document, 1,000 documents", "versions before",
          [(Server(f"versions-{n}", f"{n:,}", *UNPACKED, projects=1, documents=1000), {"document": 0}, deepen(n))
           for n in depths], min(COUNT, 200))


def folders():
    widths = [n for n in (16, 64, 256, 1_024, 4_096) if n <= options.wide]
    if options.wide not in widths:
        widths.append(options.wide)
    slope(f"Cost of a commit by files of its folder, {max(widths):,} documents", "files in the folder",
          [(Server(f"folders-{n}", f"{n:,}", *UNPACKED, projects=1, documents=max(widths), folder=n), {}, nothing)
           for n in widths], COUNT)


ALL = {"size": size, "documents": documents, "versions": versions, "folders": folders}
try:
    for chosen in options.parts or ALL:
        ALL[chosen]()
finally:
    shutil.rmtree(scratch, ignore_errors=True)
if options.json:
    options.json.write_text(json.dumps(tables, indent=1) + "\n")
