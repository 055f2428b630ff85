"""Runs Greffe and its peers side by side and prints a row for each figure; compare.sh builds what it needs."""
import argparse
import contextlib
import functools
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import servers
from servers import memory, port_in, process, run, say, size_of

parser = argparse.ArgumentParser()
parser.add_argument("build", type=pathlib.Path)
parser.add_argument("rows", nargs="*", help="only these: reads writes latency bytes history stream rebuild growth planning trace registers status csv")
parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the rows there as well, as a JSON array")
parser.add_argument("--quick", action="store_true")
options = parser.parse_intermixed_args()
BIN = options.build.resolve() / "bin"
QUICK = options.quick
REPEAT = 1 if QUICK else 5
# On a disk, not in memory: syncs are what is measured.
scratch = pathlib.Path(tempfile.mkdtemp(prefix="greffe_bench_", dir=os.environ.get("GREFFE_BENCH_DIR", "/var/tmp")))
results = []
greffed = functools.partial(servers.greffed, BIN, scratch)


def row(name, unit, greffe, peer, peer_value, goal, higher_is_better=True):
    ratio = greffe / peer_value if higher_is_better else peer_value / greffe
    results.append({"row": name, "unit": unit, "greffe": round(greffe, 2), "peer": peer,
                    "peer_value": round(peer_value, 2), "ratio": round(ratio, 3), "goal": goal, "met": ratio >= goal})
    say(f"{name}: {greffe:.1f} {unit}, {peer} {peer_value:.1f}: {ratio:.2f} (goal {goal})")


def load(server, subcommand, **flags):
    words = [x for k, v in flags.items() for x in (f"--{k}", v)]
    return json.loads(run(BIN / "greffe_load", "--server", server, *words, subcommand) or "{}")


def in_turns(**calls):
    """The median of each over rounds in which all take their turn: what slows the machine for a while slows all of them."""
    figures = {name: [] for name in calls}
    for _ in range(REPEAT):
        for name, call in calls.items():
            figures[name].append(call())
    for name, values in figures.items():
        say(f"  {name}: " + ", ".join(f"{value:,.1f}" for value in values))
    return {name: statistics.median(values) for name, values in figures.items()}


def median(call):
    return statistics.median(call() for _ in range(REPEAT))


@contextlib.contextmanager
def bare():
    port = scratch / "bare.port"
    ready = port_in(port)
    with process([BIN / "bare_server", port, scratch / "bare.bin"], ready, scratch / "log",
                 signal.SIGKILL) as (number, _):
        yield f"127.0.0.1:{number}"


@contextlib.contextmanager
def etcd():
    data = scratch / "etcd"
    shutil.rmtree(data, ignore_errors=True)

    def ready():
        with contextlib.suppress(OSError):
            import socket
            socket.create_connection(("127.0.0.1", 23790), 0.2).close()
            return "127.0.0.1:23790"
        return None
    with process(["etcd", "--data-dir", data, "--listen-client-urls", "http://127.0.0.1:23790", "--advertise-client-urls",
                  "http://127.0.0.1:23790", "--listen-peer-urls", "http://127.0.0.1:23800", "--log-level", "error"],
                 ready, scratch / "log") as (address, _):
        yield address


def varint(n):
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def h2load(address, method, message, calls, clients, streams, least):
    """Calls a second. Each answer has `least` bytes or more: a gRPC error is HTTP 200 to h2load, but has none."""
    body = scratch / "body.bin"
    body.write_bytes(b"\0" + len(message).to_bytes(4, "big") + message)
    out = run("h2load", "-n", calls, "-c", clients, "-m", streams, "-t", 1, "-d", body, "-H",
              "content-type: application/grpc", "-H", "te: trailers", f"http://{address}/{method}")
    data = re.search(r"\((\d+)\) data$", out, re.MULTILINE)
    if f"{calls} succeeded" not in out or not data or int(data.group(1)) < calls * least:
        sys.exit(f"h2load {method}: {out}")
    return float(re.search(r"([\d.]+) req/s", out).group(1))


PUT_ANSWER = 5 + 8  # the frame of gRPC, and a header with the store's revision at least


def reads():
    calls = 50_000 if QUICK else 200_000
    fetch = field(1, b"projects/bench-0/documents/REC-0001")
    with greffed("reads") as (server, _, _), bare() as floor, etcd() as peer:
        load(server, "fill", documents=1000, projects=1)
        value = b"x" * 4096
        h2load(peer, "etcdserverpb.KV/Put", field(1, b"key") + field(2, value), 1, 1, 1, PUT_ANSWER)
        got = in_turns(greffe=lambda: h2load(server, "greffe.v1.Contents/FetchContent", fetch, calls, 8, 16, 4096),
                       bare=lambda: h2load(floor, "greffe.v1.Contents/FetchContent", fetch, calls, 8, 16, 4096),
                       etcd=lambda: h2load(peer, "etcdserverpb.KV/Range", field(1, b"key"), calls // 4, 8, 16, 4096))
        row("read latest 4 KiB", "calls/s", got["greffe"], "bare gRPC server", got["bare"], 0.85)
        row("read latest 4 KiB", "calls/s", got["greffe"], "etcd Range", got["etcd"], 2.0)


def fast_import(count, documents):
    """Seconds for git fast-import to take as many 4 KiB versions, a commit each, of documents that are there already."""
    path = scratch / "fast-import.git"
    shutil.rmtree(path, ignore_errors=True)
    run("git", "init", "-q", "--bare", path)

    def change(name, data):
        return b"M 100644 inline %s\ndata %d\n%s\n" % (path_of(name).encode(), len(data), data)

    def commit(i, body, more=b""):
        message = f"Change {i}".encode()
        return b"commit refs/heads/main\ncommitter Bench <bench> %d +0000\ndata %d\n%s\n%s%s" % (
            1700000000 + i, len(message), message, more, body)

    def take(stream):
        source = scratch / "stream"
        source.write_bytes(stream)
        start = time.monotonic()
        with open(source, "rb") as stdin:
            subprocess.run(["git", "-C", path, "fast-import", "--quiet"], stdin=stdin, check=True)
        return time.monotonic() - start
    take(commit(0, b"".join(change(i, text(i)) for i in range(documents))))
    return take(b"".join(commit(i, change(i * 7919 % documents, text(documents + i)),
                                b"from refs/heads/main^0\n" if i == 1 else b"") for i in range(1, count + 1)))


def path_of(i):
    """As greffe_load's."""
    return f"d{i // 500}/e{i // 25 % 20}/{i}.md"


def text(seed):
    """Like greffe_load's: words and numbers, which deflate to about half."""
    import random
    words = b"the pump shall level within risk date report of cost test unit and phase client plan flow is site by".split()
    chooser = random.Random(seed)
    out = b""
    while len(out) < 4096:
        r = chooser.getrandbits(40)
        out += words[r % 20] + (b"%d\n" % (r % 100003) if r % 7 == 0 else b" ")
    return out[:4096]


def git_commit(count):
    path = scratch / "git-commit"
    shutil.rmtree(path, ignore_errors=True)
    run("git", "init", "-q", path)
    run("git", "-C", path, "config", "user.email", "bench@localhost")
    run("git", "-C", path, "config", "user.name", "Bench")
    texts = [text(i) for i in range(count)]
    start = time.monotonic()
    for i in range(count):
        (path / f"{i % 50}.md").write_bytes(texts[i])
        run("git", "-C", path, "add", f"{i % 50}.md")
        run("git", "-C", path, "commit", "-q", "-m", f"Change {i}")
    return count / (time.monotonic() - start)


def svn_commit(count):
    repository, work = scratch / "svn", scratch / "svn-work"
    for path in (repository, work):
        shutil.rmtree(path, ignore_errors=True)
    run("svnadmin", "create", repository)
    run("svn", "checkout", "-q", f"file://{repository}", work)
    for i in range(20):
        (work / f"{i}.md").write_bytes(text(i))
    run("svn", "add", "-q", *work.glob("*.md"))
    run("svn", "commit", "-q", "-m", "begin", work)
    texts = [text(1000 + i) for i in range(count)]
    start = time.monotonic()
    for i in range(count):
        (work / f"{i % 20}.md").write_bytes(texts[i])
        run("svn", "commit", "-q", "-m", f"Change {i}", work)
    return count / (time.monotonic() - start)


def writes():
    documents = 2_000 if QUICK else 10_000
    count = 6_000 if QUICK else 20_000
    put = field(1, b"key") + field(2, b"x" * 4096)
    with greffed("writes1") as (one, one_data, one_child), greffed("writes64") as (many, many_data, many_child), etcd() as peer:
        load(one, "fill", documents=documents, projects=1)
        load(many, "fill", documents=documents // 64, projects=64)

        def check_in(server, child, projects):
            done = load(server, "checkin", clients=64, projects=projects, documents=documents // projects, count=count)
            come_to_rest(child)  # what it does for itself afterwards is not to slow the next one
            return count / done["packed_seconds"]
        got = in_turns(one=lambda: check_in(one, one_child, 1), many=lambda: check_in(many, many_child, 64),
                       fast_import=lambda: count / fast_import(count, documents),
                       etcd=lambda: h2load(peer, "etcdserverpb.KV/Put", put, count, 64, 1, PUT_ANSWER),
                       git_commit=lambda: git_commit(60), svn_commit=lambda: svn_commit(20))
    for data in (one_data, many_data):
        verify(data)
    for name, projects in (("one", "1 project"), ("many", "64 projects")):
        label = f"check-ins of 4 KiB, 64 clients, {projects}"
        row(label, "commits/s", got[name], "git fast-import", got["fast_import"], 1.0)
        row(label, "commits/s", got[name], "etcd durable Put", got["etcd"], 0.25)
        row(label, "commits/s", got[name], "git commit", got["git_commit"], 25)
        row(label, "commits/s", got[name], "svn commit", got["svn_commit"], 100)


def come_to_rest(child):
    """Until it used next to no processor time for longer than its packs may trail: it merges them afterwards."""
    def used():
        return sum(map(int, pathlib.Path(f"/proc/{child.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
    before = -1000
    for _ in range(60):
        if (now := used()) <= before + 4:  # hundredths of a second
            return
        before = now
        time.sleep(4)  # store.pack_delay_ms is 3 s
    sys.exit("greffed does not come to rest")


def verify(data):
    """After writes: stock git and the index agree. The server of `data` is stopped."""
    for repository in (data / "repositories").glob("*.git"):
        run("git", "-C", repository, "fsck", "--full", "--strict")
    run(BIN / "greffe-admin", "--data", data, "index", "verify")


def latency():
    count = 300 if QUICK else 2000
    with greffed("latency") as (server, _, _), bare() as floor:
        load(server, "fill", documents=1000, projects=1)
        load(floor, "unary", count=count)
        got = in_turns(check_in=lambda: load(server, "latency", documents=1000, count=count)["micros"],
                       sync=lambda: json.loads(run(BIN / "greffe_load", "--file", scratch / "sync.bin", "--count", count,
                                                   "fdatasync"))["micros"],
                       unary=lambda: load(floor, "unary", count=count)["micros"],
                       bare=lambda: load(floor, "latency", count=count)["micros"])
    # The two by themselves, in hot caches, and one after the other in one call, as they are needed.
    row("one client, check-in latency", "us", got["check_in"], "fdatasync + bare unary call", got["sync"] + got["unary"], 0.5,
        higher_is_better=False)
    row("one client, check-in latency", "us", got["check_in"], "bare unary call with fdatasync", got["bare"], 0.5,
        higher_is_better=False)


def bytes_():
    documents, count = (1_000, 2_000) if QUICK else (10_000, 20_000)
    with greffed("bytes", "--store-pack-delay-ms", "3600000", "--store-pack-bytes", str(1 << 33)) as (server, data, _):
        load(server, "fill", documents=documents, projects=1)
        run(BIN / "greffe_load", "--server", server, "--count", 1, "--documents", documents, "checkin")  # flushes
        clients = subprocess.Popen([str(BIN / "greffe_load"), "--server", server, "--count", str(count), "--documents",
                                    str(documents), "checkin"], stdout=subprocess.DEVNULL)
        largest = (0, 0)
        while clients.poll() is None:
            now = json.loads(run(BIN / "greffe", "--server", server, "--output", "json", "server", "status"))
            largest = max(largest, (int(now["unpackedCommitCount"]), int(now["unpackedBytes"])))
            time.sleep(0.02)
        per_commit = largest[1] / max(largest[0], 1) - 4096
    row("tree and record bytes a check-in in the journal", "bytes", per_commit, "6 KiB", 6144, 1.0, higher_is_better=False)
    repository = data / "repositories" / "bench-0.git"
    packs = size_of(repository / "objects")
    other = scratch / "repacked.git"
    run("git", "clone", "-q", "--bare", "--no-hardlinks", repository, other)
    run("git", "-C", other, "repack", "-a", "-d", "-f", "-q")
    row("bytes of packs", "bytes", packs, "git repack -adf", size_of(other / "objects"), 1 / 1.3, higher_is_better=False)


def history():
    deep, others = (1_000, 300) if QUICK else (10_000, 3_000)
    with greffed("history") as (server, data, _):
        load(server, "fill", documents=200, projects=1)
        load(server, "deep", documents=200, count=9)
        load(server, "checkin", documents=100, count=others // 10)
        calls = 500 if QUICK else 2000

        def page(size):
            return median(lambda: load(server, "versions", documents=200, count=calls, page=size)["micros"])
        shallow = page(10)
        for _ in range(10):
            load(server, "deep", documents=200, count=deep // 10)
            load(server, "checkin", documents=100, count=others // 10)
        row(f"page of 10 versions out of {deep}", "us", page(10), "page of 10 out of 10", shallow, 1 / 1.2,
            higher_is_better=False)
        fifty = page(50)
    repository = data / "repositories" / "bench-0.git"
    start = time.monotonic()
    run("git", "-C", repository, "log", "main", "--", path_of(199))
    row(f"page of 50 versions out of {deep}", "us", fifty, "git log -- path", (time.monotonic() - start) * 1e6, 500,
        higher_is_better=False)


def stream():
    size = (256 if QUICK else 1024) << 20
    with greffed("stream") as (server, _, child), bare() as floor:
        def up(address, projects):
            return load(address, "upload", size=size, projects=projects)
        mine, floors = [], []
        load(server, "upload", size=8 << 20)
        before = memory(child, "VmHWM")
        for _ in range(REPEAT):
            mine.append(up(server, 1))
            mine[-1].update(load(server, "download", name=mine[-1]["name"]))
            floors.append(up(floor, 0))
            floors[-1].update(load(floor, "download"))
        grown = memory(child, "VmHWM") - before
    for way, name in (("up_seconds", "up"), ("down_seconds", "down")):
        ours = size / 2**20 / statistics.median(f[way] for f in mine)
        peer = size / 2**20 / statistics.median(f[way] for f in floors)
        row(f"{size >> 20} MiB {name}", "MiB/s", ours, "bare stream that hashes and syncs" if name == "up" else "bare stream",
            peer, 0.7)
    row("memory growth over that", "MiB", max(grown, 1), "64 MiB", 64, 1.0, higher_is_better=False)


def rebuild():
    documents, count = (1_000, 3_000) if QUICK else (10_000, 20_000)
    with greffed("rebuild") as (server, data, _):
        load(server, "fill", documents=documents, projects=1)
        load(server, "checkin", documents=documents, count=count)
    repository = data / "repositories" / "bench-0.git"
    names = run("git", "-C", repository, "log", "--format=%(trailers:key=Greffe-Document,valueonly)", "main").split()[1::2]
    wanted = scratch / "records"
    wanted.write_text("\n".join(names) + "\n")

    def cat():
        start = time.monotonic()
        with open(wanted) as source:
            subprocess.run(["git", "-C", repository, "cat-file", "--batch"], stdin=source, stdout=subprocess.DEVNULL, check=True)
        return time.monotonic() - start

    def again():
        start = time.monotonic()
        run(BIN / "greffe-admin", "--data", data, "index", "rebuild")
        return time.monotonic() - start
    got = in_turns(greffe=again, git=cat)
    row("index rebuild", "s", got["greffe"], "git cat-file --batch", got["git"], 0.5, higher_is_better=False)


def growth():
    """One server with many versions beside one with 1,000: texts of one size, documents drawn at random on both."""
    projects, documents, versions = (30, 300, 2) if QUICK else (300, 1_000, 4)
    label = f"{projects * documents * versions:,} versions of {projects * documents:,} documents"

    def random_reads(address, **shape):
        words = (x for k, v in shape.items() for x in (f"--{k}", v))
        return json.loads(run(BIN / "greffe_many", "--server", address, "--seconds", 2 if QUICK else 5, *words,
                              "reads"))["reads_per_second"]
    with greffed("growth") as (server, _, _):
        load(server, "fill", projects=projects, documents=documents, versions=versions, size=1024)
    start = time.monotonic()
    with greffed("growth") as (large, _, child):
        started = time.monotonic() - start
        with greffed("small") as (small, _, _):
            load(small, "fill", projects=1, documents=1000, size=1024)
            warm_up = [random_reads(large, projects=projects, documents=documents) for _ in range(2)]
            say("  right after the start, not counted: " + ", ".join(f"{value:,.1f}" for value in warm_up))
            got = in_turns(large=lambda: random_reads(large, projects=projects, documents=documents),
                           small=lambda: random_reads(small, projects=1, documents=1000))
        resident = memory(child, "VmHWM")
    row(f"random latest reads, {label}", "calls/s", got["large"], "of 1,000", got["small"], 1 / 1.3)
    row(f"start, {label}", "s", started, "2 s", 2, 1.0, higher_is_better=False)
    row(f"memory, {label}", "MiB", resident, "1 GiB", 1024, 1.0, higher_is_better=False)


def planning():
    count = 500 if QUICK else 2_000
    with greffed("planning") as (server, _, _):
        views = json.loads(run(BIN / "greffe_planning_load", "--server", server, "--count", count, "--fill"))
    get = views.pop("document")
    for view, micros in views.items():
        row(f"{view}, {count:,} deliverables", "us", micros, "get of a document", get, 1 / 5, higher_is_better=False)


def registers():
    count = 2_000 if QUICK else 20_000
    with greffed("registers") as (server, _, _):
        views = json.loads(run(BIN / "greffe_register_load", "--server", server, "--count", count))
    get = views.pop("document")
    for view, micros in views.items():
        row(f"{view}, {count:,} entries", "us", micros, "get of a document", get, 1 / 5, higher_is_better=False)


def trace():
    documents, links = (3_000, 10_000) if QUICK else (10_000, 50_000)
    with greffed("trace") as (server, _, _):
        views = json.loads(run(BIN / "trace_views", server, documents, links))
    get = views.pop("document")
    for view, micros in views.items():
        label = f"{view}, {documents:,} documents, {links:,} links"
        if "baseline" in view or view == "compare with now":
            row(label, "s", micros / 1e6, "1 s", 1, 1.0, higher_is_better=False)
        else:
            limit = 50 if view.startswith("impact") else 5
            row(label, "us", micros, "get of a document", get, 1 / limit, higher_is_better=False)


def csv_import():
    count = 2_000 if QUICK else 20_000
    goal = 5.0 * count / 20_000
    table = scratch / "risks.csv"
    table.write_text("id;title;description;category;probability;impact;response;review_date;labels.site\n" + "".join(
        f"R{i:05};Risk number {i};\"It may happen; then {i % 97} pumps are late\";technical;{i % 5 + 1};{i % 4 + 1};"
        f"mitigate;{i % 28 + 1:02}/{i % 12 + 1:02}/2027;site {i % 40}\n" for i in range(count)))
    with greffed("tables") as (server, _, _):
        greffe = [BIN / "greffe", "--server", server]
        rounds = []
        for number in range(REPEAT):
            project = f"tables-{number}"
            run(*greffe, "project", "create", project, "--title", "Tables")
            start = time.monotonic()
            run(*greffe, "--project", project, "table", "import", "risks", table)
            rounds.append(time.monotonic() - start)
            exported = scratch / "exported.csv"
            start = time.monotonic()
            run(*greffe, "--project", project, "table", "export", "risks", "-o", exported)
            out = time.monotonic() - start
            start = time.monotonic()
            run(*greffe, "--project", project, "table", "import", "risks", exported)
            again = time.monotonic() - start
    say(f"export of {count:,} rows: {out:.2f} s; import of what was exported: {again:.2f} s")
    row(f"csv import, {count:,} rows", "s", statistics.median(rounds), f"{goal:g} s", goal, 1.0, higher_is_better=False)


def status():
    entries, documents, deliverables, projects = (2_000, 1_000, 200, 30) if QUICK else (20_000, 10_000, 2_000, 300)
    with greffed("status") as (server, _, _):
        views = json.loads(run(BIN / "greffe_status_load", "--server", server, "--entries", entries, "--documents", documents,
                               "--deliverables", deliverables, "--projects", projects, "--fill"))
    get = views.pop("document")
    goals = {"portfolio": 200, "portfolio as of a time": 200}
    for view, micros in views.items():
        of = f"{projects} projects" if view.startswith("portfolio") else f"{entries:,} entries"
        row(f"{view}, {of}", "us", micros, "get of a document", get, 1 / goals.get(view, 20), higher_is_better=False)


ALL = {"reads": reads, "writes": writes, "latency": latency, "bytes": bytes_, "history": history, "stream": stream,
       "rebuild": rebuild, "growth": growth, "planning": planning, "trace": trace, "registers": registers,
       "status": status, "csv": csv_import}
try:
    for chosen in options.rows or ALL:
        say(chosen)
        ALL[chosen]()
finally:
    shutil.rmtree(scratch, ignore_errors=True)
if options.json:
    options.json.write_text("[\n" + ",\n".join("  " + json.dumps(r) for r in results) + "\n]\n")
print(f"{'what':54} {'Greffe':>12} {'unit':10} {'peer':>12}  {'of':28} {'ratio':>8} {'goal':>7}")
for r in results:
    print(f"{r['row']:54} {r['greffe']:12,.1f} {r['unit']:10} {r['peer_value']:12,.1f}  {r['peer']:28} {r['ratio']:8.2f} "
          f"{r['goal']:7.2f}  {'met' if r['met'] else 'not met'}")
