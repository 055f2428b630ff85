// What matters inside, one part at a time: apt install libbenchmark-dev; ninja -C build/release greffe_micro;
// build/release/tests/greffe_micro. Texts of 4 KiB; a project of 10,000 documents in folders of dozens.
#include <benchmark/benchmark.h>

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/clock.h"
#include "storage/base/hashing.h"
#include "storage/base/record_layout.h"
#include "storage/git/object_format.h"
#include "storage/git/pack_reader.h"
#include "storage/git/pack_writer.h"
#include "storage/git/tree_editor.h"
#include "storage/index/index.h"
#include "storage/journal/rocksdb_journal.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

constexpr int kDocuments = 10'000;
constexpr std::size_t kContentBytes = 4096;

std::string Text(std::mt19937_64& random, std::size_t size) {
  static constexpr const char* kWords[] = {"pump",     "valve",  "the", "shall", "of",
                                           "pressure", "review", "in",  "be",    "2026"};
  std::string text;
  while (text.size() < size) {
    text += kWords[random() % 10];
    text += random() % 12 == 0 ? '\n' : ' ';
  }
  text.resize(size);
  return text;
}

std::string Number(int document) { return "SPC-" + std::to_string(10'000 + document); }
std::string Path(int document) {
  return std::to_string(document % 20) + "/" + std::to_string(document / 20 % 20) + "/" + Number(document) + ".md";
}

// Sums an error up: a benchmark of what failed says nothing.
bool Failed(benchmark::State& state, const absl::Status& status) {
  if (!status.ok()) state.SkipWithError(status.ToString().c_str());
  return !status.ok();
}

void CommitIntoTree(benchmark::State& state) {
  TreeEditor editor(Oid{}, [](const Oid&) { return absl::NotFoundError("nothing is read"); });
  std::mt19937_64 random(1);
  const auto set = [&](int document) {
    const Oid blob = HashObject(ObjectType::kBlob, std::to_string(random()));
    return editor.Set(Path(document), blob).ok() && editor.Set(DocumentRecordPath(Number(document)), blob).ok();
  };
  for (int document = 0; document < kDocuments; ++document) set(document);
  std::vector<TreeEditor::NewTree> trees;
  if (Failed(state, editor.Write(trees).status())) return;
  std::size_t bytes = 0;
  for (auto _ : state) {
    trees.clear();
    if (!set(static_cast<int>(random() % kDocuments))) return state.SkipWithError("set");
    if (Failed(state, editor.Write(trees).status())) return;
    for (const auto& tree : trees) bytes += tree.data.size();
  }
  state.counters["tree_bytes"] = static_cast<double>(bytes) / static_cast<double>(state.iterations());
}
BENCHMARK(CommitIntoTree);

JournalCommit MakeCommit(Sequence sequence, std::mt19937_64& random) {
  JournalCommit commit;
  commit.sequence = sequence;
  for (const std::size_t size : {kContentBytes, std::size_t{900}, std::size_t{2500}, std::size_t{1200}}) {
    std::string data = Text(random, size);
    const Oid oid = HashObject(ObjectType::kBlob, data);
    commit.objects.push_back({oid, {ObjectType::kBlob, std::move(data)}, Oid{}});
  }
  commit.commit = commit.objects.back().oid;
  return commit;
}

absl::Status AppendNext(Journal& journal, Oid& head, JournalCommit commit) {
  CommitGroup group;
  group.repository = "apollo";
  group.refs.push_back({kMainRef, head, commit.commit, commit.sequence});
  head = commit.commit;
  group.commits.push_back(std::move(commit));
  return journal.Append(group);
}

void JournalAppend(benchmark::State& state) {
  const TemporaryDirectory directory;
  RocksDbJournalOptions options;
  options.directory = directory.path() + "/journal";
  options.sync = state.range(0) == 1;
  const auto journal = OpenRocksDbJournal(options);
  if (Failed(state, journal.status())) return;
  std::mt19937_64 random(1);
  Oid head;
  Sequence sequence = 0;
  for (auto _ : state) {
    state.PauseTiming();
    JournalCommit commit = MakeCommit(++sequence, random);
    state.ResumeTiming();
    if (Failed(state, AppendNext(**journal, head, std::move(commit)))) return;
  }
}
BENCHMARK(JournalAppend)->ArgName("sync")->Arg(0)->Arg(1)->UseRealTime();

void IndexApply(benchmark::State& state) {
  const TemporaryDirectory directory;
  IndexOptions options;
  options.directory = directory.path() + "/index";
  const auto index = Index::Open(options);
  if (Failed(state, index.status())) return;
  std::mt19937_64 random(1);
  std::int64_t sequence = 0;
  for (auto _ : state) {
    state.PauseTiming();
    CommitFacts facts;
    facts.project = "apollo";
    facts.change.set_sequence(++sequence);
    facts.change.set_commit(HashObject(ObjectType::kCommit, std::to_string(sequence)).Hex());
    *facts.change.mutable_record_time() = ToTimestamp(sequence);
    *facts.change.mutable_effective_time() = ToTimestamp(sequence);
    if (sequence == 1) {
      facts.project_record.emplace().set_name("projects/apollo");
    } else {
      const int document = static_cast<int>(sequence % kDocuments);
      v1::Document record;
      record.set_name("projects/apollo/documents/" + Number(document));
      record.set_path(Path(document));
      record.set_title(Number(document));
      record.set_type("specification");
      record.set_owner("ada");
      record.set_state(v1::DOCUMENT_STATE_ACTIVE);
      record.mutable_latest_version()->set_number(1 + sequence / kDocuments);
      record.mutable_latest_version()->mutable_main_file()->set_size(kContentBytes);
      facts.documents.push_back(std::move(record));
    }
    const std::string content = Text(random, kContentBytes);
    state.ResumeTiming();
    IndexBatch batch(**index);
    if (Failed(state, batch.Apply(facts))) return;
    for (const v1::Document& document : facts.documents) {
      batch.PutLatestContent("apollo", Number(static_cast<int>(sequence % kDocuments)), document.latest_version(),
                             content);
    }
    if (Failed(state, (*index)->Write(batch))) return;
  }
}
BENCHMARK(IndexApply);

struct Objects {
  explicit Objects(int count) {
    std::mt19937_64 random(1);
    for (int i = 0; i < count; ++i) data.push_back(Text(random, kContentBytes));
    for (const std::string& text : data) {
      inputs.push_back({HashObject(ObjectType::kBlob, text), ObjectType::kBlob, text, Oid{}});
    }
  }
  std::vector<std::string> data;
  std::vector<PackInput> inputs;
};

void PackTenThousand(benchmark::State& state) {
  const Objects objects(kDocuments);
  for (auto _ : state) {
    const TemporaryDirectory directory;
    if (Failed(state, WritePackFiles(directory.path(), objects.inputs).status())) return;
  }
  state.SetItemsProcessed(state.iterations() * kDocuments);
}
BENCHMARK(PackTenThousand)->Unit(benchmark::kMillisecond)->UseRealTime();

void ReadFromJournal(benchmark::State& state) {
  const TemporaryDirectory directory;
  RocksDbJournalOptions options;
  options.directory = directory.path() + "/journal";
  options.sync = false;
  const auto journal = OpenRocksDbJournal(options);
  if (Failed(state, journal.status())) return;
  std::mt19937_64 random(1);
  Oid head;
  std::vector<Oid> oids;
  for (Sequence sequence = 1; sequence <= 2000; ++sequence) {
    JournalCommit commit = MakeCommit(sequence, random);
    oids.push_back(commit.objects[0].oid);
    if (Failed(state, AppendNext(**journal, head, std::move(commit)))) return;
  }
  for (auto _ : state) {
    const auto object = (*journal)->ReadObject("apollo", oids[random() % oids.size()]);
    if (Failed(state, object.status())) return;
    benchmark::DoNotOptimize(object);
  }
}
BENCHMARK(ReadFromJournal);

void ReadFromPack(benchmark::State& state) {
  const TemporaryDirectory directory;
  const Objects objects(kDocuments);
  const auto files = WritePackFiles(directory.path(), objects.inputs);
  if (Failed(state, files.status())) return;
  const auto pack = PackReader::Open(directory.path() + "/" + files->pack_name);
  if (Failed(state, pack.status())) return;
  std::mt19937_64 random(1);
  for (auto _ : state) {
    const auto object = (*pack)->Read(objects.inputs[random() % objects.inputs.size()].oid);
    if (Failed(state, object.status())) return;
    benchmark::DoNotOptimize(object);
  }
}
BENCHMARK(ReadFromPack);

}  // namespace
}  // namespace greffe

BENCHMARK_MAIN();
