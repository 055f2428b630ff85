"""Reads the story's project with stock git and the records under .greffe/ alone, and holds the server's views against that.

Twenty moments by chance: every list of records as of the sequence, with the fields of the records, since when and by whom; the
registers by owner and state; and views recomputed from the records: what is late, whose decision is awaited, which actions are open, which links are suspect, what
changed since a transmittal, and the figures of the project's status. Then the history of every entry of a register: what it was
after each of its commits. Exit code 0: all agree.
"""
import argparse
import collections
import datetime
import decimal
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import zoneinfo

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("build", type=pathlib.Path)
parser.add_argument("--seed", type=int, default=int(os.environ.get("GREFFE_SEED", 1)))
parser.add_argument("--moments", type=int, default=20)
options = parser.parse_args()
BUILD = options.build.resolve()
random_ = random.Random(options.seed)
PROJECT = "station"
LISTS = {
    "deliverables": ["deliverable", "ls"], "milestones": ["milestone", "ls"], "actions": ["action", "ls"],
    "risks": ["risk", "ls"], "issues": ["issue", "ls"], "decisions": ["decision", "ls"], "changeRequests": ["change", "ls"],
    "lessons": ["lesson", "ls"], "meetings": ["meeting", "ls"], "checklists": ["checklist", "ls"], "checklistRuns": ["run", "ls"],
    "budgetLines": ["budget", "ls"],
    "reviews": ["review", "ls", "--state", "all"], "links": ["trace", "ls"], "baselines": ["baseline", "ls"],
    "transmittals": ["transmittal", "ls"],
}
REGISTERS = ("risks", "issues", "actions", "decisions", "changeRequests", "lessons", "meetings", "checklists", "checklistRuns",
             "budgetLines")
wrong = []


def run(*command):
    return subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE).stdout


def id_of(name):
    return name.rpartition("/")[2]


class Moment:
    """The project after one commit: records by collection and id, documents by number, each as it lies in the tree."""

    def __init__(self, repository, oid):
        self.collections = {}
        tree = run("git", "-C", repository, "ls-tree", "-r", "-z", oid, ".greffe/").decode().split("\0")[:-1]
        for line in tree:
            meta, _, path = line.partition("\t")
            parts = path.split("/")
            if len(parts) < 6:
                continue
            record = json.loads(run("git", "-C", repository, "cat-file", "blob", meta.split()[2]))
            assert record.pop("format") == 1
            record_id = "/".join(parts[5:])[:-len(".json")]
            self.collections.setdefault(parts[1], {})[record_id] = (record, meta.split()[2])
        text = run("git", "-C", repository, "log", "-1", "--format=%B", oid).decode()
        time = [line for line in text.splitlines() if line.startswith("Greffe-Time: ")][0].split()[1]
        moment = datetime.datetime.fromisoformat(time.replace("Z", "+00:00"))
        self.today = moment.astimezone(zoneinfo.ZoneInfo("Europe/Paris")).date().isoformat()

    def records(self, collection):
        return {record_id: record for record_id, (record, _) in self.collections.get(collection, {}).items()}


def without_defaults(value):
    if isinstance(value, dict):
        kept = {key: without_defaults(part) for key, part in value.items()}
        return {key: part for key, part in kept.items() if part not in ("", [], {}, "0", 0, False, None)
                and not (isinstance(part, str) and part.endswith("_UNSPECIFIED"))}
    if isinstance(value, list):
        return [without_defaults(part) for part in value]
    return value


def natural(record_id):
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|\D+", record_id)]


def expect(what, actual, expected):
    if actual != expected:
        wrong.append(f"{what}:\n  the server: {str(actual)[:900]}\n  git:        {str(expected)[:900]}")


def late(record, done):
    due = record.get("forecastDate") or record.get("plannedDate") or ""
    return due if due and record["state"].rpartition("_STATE_")[2] not in done else ""


def awaited(review):
    """Whose decisions a review waits for, by the steps that are under way."""
    if review["state"] != "REVIEW_STATE_OPEN":
        return set()
    waiting = set()
    for step in review["steps"]:
        if step.get("state") == "REVIEW_STEP_STATE_OPEN":
            waiting |= {reviewer["principal"] for reviewer in step["reviewers"] if "decision" not in reviewer}
    return waiting


def suspect(link, moment):
    """Whether an end that is a whole document has another content than the link was pinned to."""
    changed = False
    for end in ("from", "to"):
        document = moment.records("documents").get(id_of(link[end]))
        if document is None or link.get(end + "Anchor"):
            continue
        changed |= document.get("latestVersion", {}).get("manifestSha256", "") != link.get(end + "Hash", "")
    return changed


def short(enum):
    return enum.rpartition("_STATE_")[2]


def amount(record, field):
    return decimal.Decimal(record.get(field) or 0)


def check_status(status, moment, where):
    """The figures of the status, counted in the records."""
    figures = status["figures"]
    told = {c["collection"]: c for c in figures["collections"]}
    documents = collections.Counter()
    for record in moment.records("documents").values():
        if record.get("state") != "DOCUMENT_STATE_WITHDRAWN":
            documents[record["type"], record.get("latestVersion", {}).get("state") or "VERSION_STATE_DRAFT"] += 1
    expect(f"{where}, day", status["date"], moment.today)
    expect(f"{where}, documents", {(d["type"], d["state"]): int(d["count"]) for d in figures["documents"]}, dict(documents))
    for collection in sorted(set(LISTS) - {"baselines", "links", "transmittals"}):  # their records have no state
        records = moment.records(collection).values()
        states = collections.Counter(short(record["state"]) for record in records if "state" in record)
        expect(f"{where}, states of {collection}",
               {s["state"]: int(s["count"]) for s in told.get(collection, {}).get("states", [])}, dict(states))
    done = {"ACCEPTED", "ACCEPTED_WITH_RESERVATIONS", "ARCHIVED"}
    dues = {
        "deliverables": [late(r, done) for r in moment.records("deliverables").values()],
        "actions": [r.get("dueDate", "") for r in moment.records("actions").values()
                    if short(r["state"]) in ("OPEN", "IN_PROGRESS")],
        "risks": [r.get("reviewDate", "") for r in moment.records("risks").values() if short(r["state"]) != "CLOSED"],
    }
    soon = (datetime.date.fromisoformat(moment.today) + datetime.timedelta(14)).isoformat()
    for collection, days in dues.items():
        expect(f"{where}, late {collection}", int(told.get(collection, {}).get("lateCount", 0)),
               sum("" < day < moment.today for day in days))
        expect(f"{where}, {collection} due soon", int(told.get(collection, {}).get("dueSoonCount", 0)),
               sum(moment.today <= day <= soon for day in days))
    scores = collections.Counter(int(r.get("probability", 0)) * int(r.get("impact", 0))
                                 for r in moment.records("risks").values() if short(r["state"]) != "CLOSED")
    expect(f"{where}, risks", {r["score"]: int(r["count"]) for r in figures["risks"]}, dict(scores))
    decided = [next((s["acceptance"] for s in r.get("submissions", []) if "acceptance" in s), None)
               for r in moment.records("deliverables").values()]
    decided = [acceptance["outcome"] for acceptance in decided if acceptance]
    expect(f"{where}, accepted at once",
           (int(figures["firstTimeAcceptedCount"]), int(figures["decidedDeliverableCount"])),
           (sum(outcome != "ACCEPTANCE_OUTCOME_REJECTED" for outcome in decided), len(decided)))
    ended = [r for r in moment.records("reviews").values()
             if short(r["state"]) in ("APPROVED", "APPROVED_WITH_COMMENTS", "REVISE_AND_RESUBMIT", "REJECTED")]
    expect(f"{where}, decided reviews", int(figures["decidedReviewCount"]), len(ended))
    budgets = {}
    for line in moment.records("budgetLines").values():
        if short(line["state"]) != "CANCELLED":
            sums = budgets.setdefault(line["currency"], [decimal.Decimal(0)] * 3)
            for i, field in enumerate(("planned", "committed", "actual")):
                sums[i] += amount(line, field)
    expect(f"{where}, budgets", {b["currency"]: [decimal.Decimal(b[f]) for f in ("planned", "committed", "actual")]
                                 for b in figures["budgets"]}, budgets)


def check_registers(ask, moment, sequence):
    """Of some registers: lists of the entries of a state, and of those of a state and an owner, in the order of their ids."""
    there = [collection for collection in REGISTERS if moment.records(collection)]
    for collection in random_.sample(there, min(2, len(there))):
        entries = moment.records(collection)
        some = entries[random_.choice(sorted(entries))]
        of_state = sorted((i for i, r in entries.items() if r["state"] == some["state"]), key=natural)
        of_owner = [i for i in of_state if entries[i]["owner"] == some["owner"]]
        state, owner = short(some["state"]), some["owner"]
        for text, ids in ((f"state = {state}", of_state), (f"state = {state} AND owner = \"{owner}\"", of_owner)):
            answers = ask(*LISTS[collection], "--filter", text, "--order-by", "id", "--as-of", sequence)
            expect(f"at {sequence}, {collection} with {text}", [id_of(a["name"]) for a in answers], ids)


def check_histories(ask, repository, histories):
    """What each entry was after each of its commits, newest first."""
    questions = 0
    for name, history in sorted(histories.items()):
        collection, _, record_id = name.partition("/")
        if collection not in REGISTERS:
            continue
        revisions = ask(LISTS[collection][0], "log", record_id)
        expect(f"history of {name}",
               [(r["sequence"], r["commit"], r["etag"], r["lastModifier"]["id"]) for r in revisions], history[::-1])
        for revision, (sequence, _, blob, _) in zip(revisions, history[::-1]):
            record = without_defaults(json.loads(run("git", "-C", repository, "cat-file", "blob", blob)))
            assert record.pop("format") == 1
            shown = {key: value for key, value in without_defaults(revision).items() if key in record}
            expect(f"{name} at {sequence}", shown, record)
        questions += 1
    return questions


def check(server, repository):
    oids = run("git", "-C", repository, "rev-list", "--first-parent", "--reverse", "main").decode().split()

    def ask(*command):
        text = run(BUILD / "bin/greffe", "--server", server, "--project", PROJECT, "--output", "json", *command).decode()
        return [json.loads(line) for line in text.splitlines()]

    questions = 0
    last = {}  # id -> (sequence, commit) of its newest change, by collection
    since = [None]
    histories = {}  # of each record, oldest first: sequence, commit, blob, author
    for sequence, oid in enumerate(oids, 1):
        author, *lines = run("git", "-C", repository, "log", "-1", "--format=%ae%n%B", oid).decode().splitlines()
        for line in lines:
            if line.startswith("Greffe-Record: "):
                _, name, blob = line.split()
                last[name] = (str(sequence), oid)
                histories.setdefault(name, []).append((str(sequence), oid, blob, author))
        since.append(dict(last))
    moments = sorted(random_.sample(range(1, len(oids) + 1), min(options.moments, len(oids))))
    for sequence in moments:
        moment = Moment(repository, oids[sequence - 1])
        where = f"at {sequence}"
        for collection, command in LISTS.items():
            answers = ask(*command, "--as-of", sequence)
            records = moment.records(collection)
            expect(f"{where}, {collection}", sorted(id_of(a["name"]) for a in answers), sorted(records))
            for answer in answers:
                record_id = id_of(answer["name"])
                if record_id not in records:
                    continue
                known = without_defaults(records[record_id])
                if collection == "baselines":
                    known.pop("documents", None)  # a list says how many there are
                if collection == "reviews":  # a list leaves out what was said
                    known.pop("comments", None)
                    known.pop("changes", None)
                    for reviewer in (r for step in known["steps"] for r in step["reviewers"] if "decision" in r):
                        for part in ("comment", "signature", "signingKey"):
                            reviewer["decision"].pop(part, None)
                shown = {key: value for key, value in without_defaults(answer).items() if key in known}
                expect(f"{where}, {collection}/{record_id}", shown, known)
                expect(f"{where}, {collection}/{record_id}, since", (answer["sequence"], answer["commit"], answer["etag"]),
                       (*since[sequence][f"{collection}/{record_id}"], moment.collections[collection][record_id][1]))
            questions += 1
        done = {"ACCEPTED", "ACCEPTED_WITH_RESERVATIONS", "ARCHIVED"}
        overdue = {i for i, r in moment.records("deliverables").items() if "" < late(r, done) < moment.today}
        expect(f"{where}, late", {id_of(a["name"]) for a in ask("deliverable", "ls", "--late", "--as-of", sequence)}, overdue)
        for who in ("tom", "lea"):
            mine = {i for i, r in moment.records("reviews").items() if who in awaited(r)}
            answered = ask("--principal", who, "review", "ls", "--mine", "--as-of", sequence)
            expect(f"{where}, reviews of {who}", {id_of(a["name"]) for a in answered}, mine)
        open_actions = {i for i, r in moment.records("actions").items()
                        if r["state"] in ("ACTION_STATE_OPEN", "ACTION_STATE_IN_PROGRESS")}
        answered = ask("action", "ls", "--as-of", sequence)
        expect(f"{where}, open actions", {id_of(a["name"]) for a in answered if a["openDueDate"]}, open_actions)
        risks = {i: int(r.get("probability", 0)) * int(r.get("impact", 0)) for i, r in moment.records("risks").items()
                 if r["state"] != "RISK_STATE_CLOSED"}
        answered = ask("risk", "ls", "--filter", "open_score > 0", "--order-by", "open_score desc", "--as-of", sequence)
        expect(f"{where}, risks by score", {id_of(a["name"]): a["score"] for a in answered}, risks)
        expect(f"{where}, in their order", [a["score"] for a in answered], sorted(risks.values(), reverse=True))
        overdue = {i for i, r in moment.records("risks").items() if i in risks and "" < r.get("reviewDate", "") < moment.today}
        expect(f"{where}, risks to look at", {id_of(a["name"]) for a in ask("risk", "ls", "--late", "--as-of", sequence)}, overdue)
        doubtful = {i for i, r in moment.records("links").items() if not r.get("toAnchor") and suspect(r, moment)}
        answered = ask("trace", "ls", "--as-of", sequence)
        expect(f"{where}, suspect links",
               {id_of(a["name"]) for a in answered if a["state"] == "LINK_STATE_SUSPECT" and not a["toAnchor"]}, doubtful)
        for number, transmittal in moment.records("transmittals").items():
            newer = set()
            for item in transmittal["items"]:
                document, _, version = item["version"].rpartition("/versions/")
                latest = moment.records("documents")[id_of(document)]["latestVersion"]["number"]
                if latest != version:
                    newer.add(item["version"])
            answers = ask("transmittal", "changes", number, "--as-of", sequence)
            changes = answers[0]["changes"] if answers and "changes" in answers[0] else answers
            expect(f"{where}, newer than {number}",
                   {c["item"]["version"] for c in changes if c["latestVersion"] != id_of(c["item"]["version"])}, newer)
        check_registers(ask, moment, sequence)
        check_status(ask("status", "--as-of", sequence)[0], moment, f"status {where}")
        questions += 14
    questions += check_histories(ask, repository, histories)
    print(f"{len(oids)} commits, {len(moments)} moments, {questions} questions")


with tempfile.TemporaryDirectory() as scratch:
    data = pathlib.Path(scratch) / "data"
    run(BUILD / "tests/greffe_scenario", data)
    port = pathlib.Path(scratch) / "port"
    server = subprocess.Popen([str(part) for part in (BUILD / "bin/greffed", "--data", data, "--listen", "127.0.0.1:0",
                                                      "--port-file", port, "--store-reserve-bytes", 0)],
                              stderr=subprocess.DEVNULL)
    try:
        while not port.exists():
            if server.poll() is not None:
                sys.exit("the server ended")
            os.sched_yield()
        check("127.0.0.1:" + port.read_text().strip(), data / f"repositories/{PROJECT}.git")
    finally:
        server.terminate()
        server.wait()
for text in wrong[:20]:
    print("WRONG:", text)
print(f"{len(wrong)} answers differ (seed {options.seed})")
sys.exit(1 if wrong else 0)
