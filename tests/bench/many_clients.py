"""Many clients of one server; many_clients.sh builds what it needs. Everything on loopback, clients and server on the same cores."""
import argparse
import contextlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile

import servers
from servers import forget_peak, memory, run, say

parser = argparse.ArgumentParser()
parser.add_argument("build", type=pathlib.Path)
parser.add_argument("parts", nargs="*", help="only these: together idle download feed mixed")
parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the figures there as well")
parser.add_argument("--rounds", type=int, default=5, help="each figure is the median of so many that take turns")
parser.add_argument("--seconds", type=float, default=10, help="that one figure is measured for")
parser.add_argument("--quick", action="store_true", help="one round of 2 seconds, 2,000 idle connections, 64 MiB")
options = parser.parse_intermixed_args()
BIN = options.build.resolve() / "bin"
ROUNDS, SECONDS = (1, 2) if options.quick else (options.rounds, options.seconds)
DOCUMENTS = 1_000 if options.quick else 10_000
scratch = pathlib.Path(tempfile.mkdtemp(prefix="greffe_bench_", dir=os.environ.get("GREFFE_BENCH_DIR", "/var/tmp")))
figures = []


def greffed(name):
    return servers.greffed(BIN, scratch, name)


def figure(part, what, value, unit):
    figures.append({"part": part, "what": what, "value": round(value, 3), "unit": unit})
    say(f"{part}: {what}: {value:,.2f} {unit}")


def words(flags):
    return [x for k, v in flags.items() for x in (f"--{k.replace('_', '-')}", str(v))]


def many(server, subcommand, **flags):
    flags = {"documents": DOCUMENTS, "seconds": SECONDS} | flags
    return json.loads(run(BIN / "greffe_many", "--server", server, *words(flags), subcommand))


@contextlib.contextmanager
def beside(server, subcommand, **flags):
    """A greffe_many that runs until the block ends: what it says line by line."""
    flags = {"documents": DOCUMENTS, "seconds": 600} | flags
    child = subprocess.Popen([str(BIN / "greffe_many"), "--server", server, *words(flags), subcommand],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield child.stdout
    finally:
        child.stdin.close()
        child.stdout.read()
        if child.wait() != 0:
            raise SystemExit(f"greffe_many {subcommand} failed")


def fill(server):
    run(BIN / "greffe_load", "--server", server, "--documents", DOCUMENTS, "fill")


def median(values):
    return statistics.median(list(values))


def take_turns(**calls):
    """The answers of each call over all rounds, by name."""
    answers = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            answers[name].append(call())
    return answers


def together():
    """1,000 connections with one call each, nine of ten a read, beside 8 connections with as many calls at one time."""
    with greffed("together") as (server, _, child):
        fill(server)

        def measured(**flags):
            forget_peak(child)
            return many(server, "together", connections=1000, **flags) | {"memory": memory(child, "VmHWM")}
        measured()  # caches and write buffers fill
        got = take_turns(many=measured, few=lambda: measured(share=8))
    for name, what in (("many", "1,000 connections"), ("few", "8 connections, 1,000 calls at one time")):
        calls = [g["reads_per_second"] + g["writes_per_second"] for g in got[name]]
        figure("together", f"{what}: calls", median(calls), "1/s")
        figure("together", f"{what}: check-ins among them", median(g["writes_per_second"] for g in got[name]), "1/s")
        figure("together", f"{what}: p50", median(g["reads"]["p50"] for g in got[name]), "ms")
        figure("together", f"{what}: p99", median(g["reads"]["p99"] for g in got[name]), "ms")
        figure("together", f"{what}: memory at most", median(g["memory"] for g in got[name]), "MiB")


def idle():
    """Connections that wait, each after a call and before another one, beside 8 that read."""
    connections = 2_000 if options.quick else 10_000
    alone, with_idle, each, connected = [], [], [], []
    with greffed("idle") as (server, _, child):
        fill(server)
        many(server, "reads")
        for _ in range(ROUNDS):
            alone.append(many(server, "reads")["reads_per_second"])
            before = memory(child)
            with beside(server, "idle", connections=connections) as said:
                connected.append(connections / json.loads(said.readline())["connected_seconds"])
                each.append((memory(child) - before) * 1024 / connections)
                with_idle.append(many(server, "reads")["reads_per_second"])
    label = f"{connections:,} idle connections"
    figure("idle", "reads alone", median(alone), "1/s")
    figure("idle", f"reads beside {label}", median(with_idle), "1/s")
    figure("idle", f"ratio of reads beside {label}", median(b / a for a, b in zip(alone, with_idle)), "x")
    figure("idle", "memory of an idle connection (the first time; later ones find it there)", each[0], "KiB")
    figure("idle", "connections opened, each with a call", median(connected), "1/s")


def slow_beside_fast(part, server, child, fast, unit, scale, slow):
    """Fast ones alone, beside one slow one, beside 100 slow ones."""
    fast()
    rates = {"alone": [], "beside 1 slow one": [], "beside 100 slow ones": []}
    grown = []
    for _ in range(ROUNDS):
        rates["alone"].append(fast() / scale)
        forget_peak(child)
        before = memory(child)
        for count in (1, 100):
            with beside(server, slow["subcommand"], connections=count, name=slow["name"], pace=slow["pace"]):
                name = f"beside {count} slow one{'s' if count > 1 else ''}"
                rates[name].append(fast() / scale)
        grown.append(memory(child, "VmHWM") - before)
    for name, values in rates.items():
        figure(part, f"fast ones {name}", median(values), unit)
    for name in list(rates)[1:]:
        figure(part, f"ratio of fast ones {name}", median(b / a for a, b in zip(rates["alone"], rates[name])), "x")
    figure(part, "memory that 100 slow ones and the fast ones take at most", max(grown), "MiB")


def download():
    """Two that download a 1 GiB file as fast as they can; slow ones take 256 KiB a second of it."""
    size = (64 if options.quick else 1024) << 20
    with greffed("download") as (server, _, child):
        big = scratch / "big.bin"
        with open(big, "wb") as out:
            for _ in range(size >> 20):
                out.write(os.urandom(1 << 20))
        greffe = [BIN / "greffe", "--server", server]
        run(*greffe, "project", "create", "big", "--title", "Big")
        run(*greffe, "--project", "big", "put", big, "--type", "record", "-m", "Big")
        big.unlink()
        name = "projects/big/documents/REC-0001"
        slow_beside_fast("download", server, child,
                         lambda: many(server, "download", connections=2, name=name)["bytes_per_second"], "MiB/s", 2**20,
                         {"subcommand": "download", "name": name, "pace": 256 << 10})


def feed():
    """Four that replay the change feed from its beginning; slow ones take 1 KiB a second of it."""
    with greffed("feed") as (server, _, child):
        fill(server)
        run(BIN / "greffe_load", "--server", server, "--documents", DOCUMENTS, "--count", DOCUMENTS, "checkin")
        slow_beside_fast("feed", server, child,
                         lambda: many(server, "watch", connections=4, name="projects/bench-0")["messages_per_second"],
                         "changes/s", 1, {"subcommand": "watch", "name": "projects/bench-0", "pace": 1 << 10})


def mixed():
    """Reads at half of their peak, open loop, alone and beside 16 writers at half of theirs, while the packer runs."""
    with greffed("mixed") as (server, data, _):
        fill(server)
        peaks = take_turns(reads=lambda: many(server, "reads")["reads_per_second"],
                           writes=lambda: many(server, "writes")["writes_per_second"])
        reads, writes = median(peaks["reads"]), median(peaks["writes"])
        figure("mixed", "peak of reads", reads, "1/s")
        figure("mixed", "peak of check-ins, 16 writers", writes, "1/s")
        packs = packs_in(data)
        got = take_turns(alone=lambda: many(server, "open", read_rate=reads / 2),
                         beside=lambda: many(server, "open", read_rate=reads / 2, write_rate=writes / 2))
        packs = packs_in(data) - packs
        for name, label in (("alone", "reads alone"), ("beside", "reads beside writers")):
            for part in ("p50", "p99", "p999"):
                figure("mixed", f"{label}: {part}", median(g["reads"][part] for g in got[name]), "ms")
            figure("mixed", f"{label}: the client's own lateness, p99", median(g["sent_late"]["p99"] for g in got[name]), "ms")
        figure("mixed", "check-ins beside the reads", median(g["writes_per_second"] for g in got["beside"]), "1/s")
        figure("mixed", "check-ins beside the reads: p50", median(g["writes"]["p50"] for g in got["beside"]), "ms")
        figure("mixed", "check-ins beside the reads: p99", median(g["writes"]["p99"] for g in got["beside"]), "ms")
        figure("mixed", "packs that were written or merged meanwhile", len(packs), "packs")
        ratios = [b["reads"]["p99"] / a["reads"]["p99"] for a, b in zip(got["alone"], got["beside"])]
        say("mixed: ratios of p99: " + " ".join(f"{r:.2f}" for r in ratios))
        figure("mixed", "ratio of p99 (goal: 3 at most)", median(ratios), "x")


def packs_in(data):
    return {p.name for p in (data / "repositories" / "bench-0.git" / "objects" / "pack").glob("*.pack")}


ALL = {"together": together, "idle": idle, "download": download, "feed": feed, "mixed": mixed}
try:
    for chosen in options.parts or ALL:
        ALL[chosen]()
finally:
    shutil.rmtree(scratch, ignore_errors=True)
if options.json:
    options.json.write_text("[\n" + ",\n".join("  " + json.dumps(f) for f in figures) + "\n]\n")
for f in figures:
    print(f"{f['part']:9} {f['what']:70} {f['value']:12,.2f} {f['unit']}")
