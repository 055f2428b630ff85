"""Reads a project with stock git and the records under .greffe/ alone, and holds the server's answers against that.

Twenty moments by chance of each project: lists (active, withdrawn, by type, below a folder, by path), histories, as of the
sequence and as of the time, and the contents in the tree. Exit code 0: all agree.
"""
import argparse
import hashlib
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("build", type=pathlib.Path)
parser.add_argument("--bundle", help="a git history to import as one more project")
parser.add_argument("--seed", type=int, default=int(os.environ.get("GREFFE_SEED", 1)))
parser.add_argument("--moments", type=int, default=20)
options = parser.parse_args()
BUILD = options.build.resolve()
random_ = random.Random(options.seed)
OUTPUT_ONLY = {"sequence", "commit", "etag", "createTime", "updateTime", "lastModifier"}
OF_VERSION = {"name", "author", "authorTime", "effectiveTime", "recordTime", "sequence", "commit", "imported"}
wrong = []


def run(*command):
    return subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE).stdout


class Reader:
    """A project's history: for each sequence the commit, and by number the record, since when, and its versions."""

    def __init__(self, repository):
        self.repository = repository
        self.commits = [None]
        self.times = [None]
        self.documents = [{}]
        oids = run("git", "-C", repository, "rev-list", "--first-parent", "--reverse", "main").decode().split()
        blobs = subprocess.Popen(["git", "-C", repository, "cat-file", "--batch"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE)

        def read(oid):
            blobs.stdin.write(f"{oid}\n".encode())
            blobs.stdin.flush()
            size = int(blobs.stdout.readline().split()[2])
            data = blobs.stdout.read(size)
            blobs.stdout.read(1)
            return data

        log = run("git", "-C", repository, "log", "--first-parent", "--reverse", "--raw", "--root", "-m", "--no-abbrev",
                  "--no-renames", "--format=%x01%H", "main", "--", ".greffe/documents").decode()
        changed = {}
        for part in log.split("\x01")[1:]:
            oid, _, lines = part.partition("\n")
            changed[oid] = [line.split("\t")[0].split()[3] for line in lines.splitlines() if line.startswith(":")]
        for sequence, oid in enumerate(oids, 1):
            commit = read(oid).decode()
            now = dict(self.documents[-1])
            author = re.search(r"^author (.*) <(.*)> \d+ [+-]\d+$", commit, re.M)
            time = re.search(r"^Greffe-Time: (\S+)$", commit, re.M).group(1)
            for blob in changed.get(oid, []):
                record = json.loads(read(blob))
                assert record.pop("format") == 1
                number = record["name"].rpartition("/")[2]
                former = now.get(number)
                versions = list(former["versions"]) if former else []
                if len(versions) < int(record.get("latestVersion", {}).get("number", 0)):
                    versions.append((oid, sequence, record["latestVersion"]))
                now[number] = {"record": record, "etag": blob, "sequence": sequence, "commit": oid, "versions": versions,
                               "by": author.group(2), "created": former["created"] if former else sequence}
            self.commits.append(oid)
            self.times.append(time)
            self.documents.append(now)
        blobs.stdin.close()
        blobs.wait()


def without_defaults(value):
    if isinstance(value, dict):
        kept = {key: without_defaults(part) for key, part in value.items()}
        return {key: part for key, part in kept.items() if part not in ("", [], {}, "0", 0, False, None)}
    if isinstance(value, list):
        return [without_defaults(part) for part in value]
    return value


def natural(number):
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|\D+", number)]


def expect(what, actual, expected):
    if actual != expected:
        wrong.append(f"{what}:\n  the server: {str(actual)[:700]}\n  git:        {str(expected)[:700]}")


def check(project, server, repository):
    reader = Reader(repository)
    newest = len(reader.commits) - 1

    def ask(*command):
        text = run(BUILD / "bin/greffe", "--server", server, "--project", project, "--output", "json", *command).decode()
        return [json.loads(line) for line in text.splitlines()]

    questions = 0
    for sequence in sorted(random_.sample(range(1, newest + 1), min(options.moments, newest))):
        documents = reader.documents[sequence]
        active = sorted((n for n, d in documents.items() if d["record"]["state"] == "DOCUMENT_STATE_ACTIVE"), key=natural)
        withdrawn = sorted(set(documents) - set(active), key=natural)
        where = f"{project} at {sequence}"
        for moment in (str(sequence), reader.times[sequence]):
            # A moment in time of an imported history is its own, not that of the import.
            if moment != str(sequence) and options.bundle and project == "imported":
                continue
            answers = ask("ls", "--as-of", moment, "--state", "all", "--order-by", "number")
            answers.sort(key=lambda answer: natural(answer["name"].rpartition("/")[2]))
            expect(f"{where}, numbers as of {moment}", [a["name"].rpartition("/")[2] for a in answers],
                   sorted(documents, key=natural))
            for answer in answers:
                number = answer["name"].rpartition("/")[2]
                known = documents.get(number)
                if known is None:
                    continue
                what = f"{where}, {number}"
                record = {key: value for key, value in answer.items() if key not in OUTPUT_ONLY}
                version = record.get("latestVersion")
                if version is not None:
                    record["latestVersion"] = {k: v for k, v in version.items() if k not in OF_VERSION}
                    oid, since, _ = known["versions"][-1]
                    expect(f"{what}, its version's commit", (version["commit"], version["sequence"]), (oid, str(since)))
                expect(f"{what}, record", without_defaults(record), without_defaults(known["record"]))
                expect(f"{what}, since when", (answer["commit"], answer["sequence"], answer["etag"]),
                       (known["commit"], str(known["sequence"]), known["etag"]))
                expect(f"{what}, by whom", answer["lastModifier"]["id"], known["by"])
            questions += 1
        names = lambda answers: [answer["name"].rpartition("/")[2] for answer in answers]
        expect(f"{where}, active", names(ask("ls", "--as-of", sequence)), active)
        expect(f"{where}, withdrawn", names(ask("ls", "--as-of", sequence, "--state", "withdrawn")), withdrawn)
        by_path = sorted(active, key=lambda n: documents[n]["record"].get("path", "").encode())
        expect(f"{where}, by path", names(ask("ls", "--as-of", sequence, "--order-by", "path")), by_path)
        kind = random_.choice([d["record"]["type"] for d in documents.values()] or ["record"])
        expect(f"{where}, of type {kind}", names(ask("ls", "--as-of", sequence, "--type", kind)),
               [n for n in active if documents[n]["record"]["type"] == kind])
        tree = {}
        for line in run("git", "-C", repository, "ls-tree", "-r", "-z", reader.commits[sequence]).decode().split("\0")[:-1]:
            meta, _, path = line.partition("\t")
            tree[path] = meta.split()[2]
        for number in active:
            record = documents[number]["record"]
            if "latestVersion" in record and record.get("path"):
                expect(f"{where}, {number} in the tree", tree.get(record["path"]),
                       record["latestVersion"]["mainFile"]["oid"])
        for number in random_.sample(active, min(3, len(active))):
            history = ask("log", number, "--as-of", sequence)
            expect(f"{where}, history of {number}",
                   [(v["number"], v["commit"], v["sequence"], v["mainFile"]["sha256"]) for v in history],
                   [(str(n), oid, str(since), latest["mainFile"]["sha256"])
                    for n, (oid, since, latest) in reversed(list(enumerate(documents[number]["versions"], 1)))])
            for oid, _, latest in documents[number]["versions"][-1:]:
                content = run("git", "-C", repository, "cat-file", "blob", latest["mainFile"]["oid"])
                expect(f"{where}, content of {number}", hashlib.sha256(content).hexdigest(), latest["mainFile"]["sha256"])
        questions += 7
    print(f"{project}: {newest} commits, {len(reader.documents[-1])} documents, {questions} questions")


with tempfile.TemporaryDirectory() as scratch:
    data = pathlib.Path(scratch) / "data"
    run(BUILD / "tests/greffe_trace", "run", data, pathlib.Path(scratch) / "log")
    port = pathlib.Path(scratch) / "port"
    server = subprocess.Popen([str(part) for part in (BUILD / "bin/greffed", "--data", data, "--listen", "127.0.0.1:0",
                                                      "--port-file", port, "--store-reserve-bytes", 0)],
                              stderr=subprocess.DEVNULL)
    try:
        while not port.exists():
            if server.poll() is not None:
                sys.exit("the server ended")
            os.sched_yield()
        address = "127.0.0.1:" + port.read_text().strip()
        projects = ["apollo", "borealis"]
        if options.bundle:
            run(BUILD / "bin/greffe", "--server", address, "project", "create", "imported", "--title", "Imported")
            run(BUILD / "bin/greffe", "--server", address, "--project", "imported", "import", "git", options.bundle)
            projects.append("imported")
        # A stop leaves everything in the repositories.
        stopped = server.terminate() or server.wait()
        assert stopped == 0, stopped
        port.unlink()
        server = subprocess.Popen(server.args, stderr=subprocess.DEVNULL)
        while not port.exists():
            if server.poll() is not None:
                sys.exit("the server ended")
            os.sched_yield()
        address = "127.0.0.1:" + port.read_text().strip()
        for project in projects:
            check(project, address, data / "repositories" / f"{project}.git")
    finally:
        server.terminate()
        server.wait()
for text in wrong[:20]:
    print("WRONG:", text)
print(f"{len(wrong)} answers differ (seed {options.seed})")
sys.exit(1 if wrong else 0)
