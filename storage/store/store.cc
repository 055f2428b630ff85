#include "storage/store/store.h"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "storage/base/canonical_json.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/base/media_type.h"
#include "storage/base/names.h"
#include "storage/base/this_thread.h"
#include "storage/git/loose_object.h"
#include "storage/git/repository.h"
#include "storage/git/text_diff.h"
#include "storage/journal/rocksdb_journal.h"
#include "storage/store/age_clock.h"
#include "storage/store/committer.h"
#include "storage/store/content_seals.h"
#include "storage/store/data_directory.h"
#include "storage/store/notifier.h"
#include "storage/store/object_source.h"
#include "storage/store/packer.h"
#include "storage/store/recovery.h"
#include "storage/store/stored_content.h"
#include "storage/store/timeline.h"
#include "storage/store/unnamed_contents.h"
#include "storage/store/unreadable_projects.h"

namespace greffe {
namespace {

constexpr std::int64_t kLookedBytes = 4096;  // for the media type
constexpr std::chrono::minutes kSweepInterval{10};

}  // namespace

struct Store::State {
  StoreOptions options;
  const Clock& clock;
  AgeClock ages;
  const StoreLog log;
  Micros start_time = 0;
  FileHandle lock;
  // In the order of their use: each one after those that it refers to.
  std::unique_ptr<Journal> journal;
  std::unique_ptr<Index> index;
  std::unique_ptr<ObjectSource> objects;
  ContentSeals seals;
  std::unique_ptr<Uploads> uploads;
  std::unique_ptr<Timeline> timeline;
  Notifier notifier;
  LockTable locks;
  NumberReservations reservations;
  UnchangedRequests unchanged;
  std::unique_ptr<Outbox> outbox;
  std::unique_ptr<Inbox> inbox;
  std::unique_ptr<Packer> packer;
  std::unique_ptr<Committer> committer;
  std::unique_ptr<Scrubber> scrubber;

  UnreadableProjects unreadable;
  std::mutex mutex;
  std::function<void(absl::Status)> on_fatal;
  std::optional<absl::Status> fatal;
  bool closed = false;
  std::condition_variable stop_event;
  std::thread sweeper;

  State(StoreOptions store_options, const Clock& the_clock, StoreLog the_log)
      : options(std::move(store_options)), clock(the_clock), ages(the_clock), log(std::move(the_log)) {}

  absl::Status Open() {
    const auto progress = [this](const std::string& line) { log(Severity::kInfo, line); };
    GREFFE_RETURN_IF_ERROR(InitializeGit());
    GREFFE_ASSIGN_OR_RETURN(lock, TakeDataDirectory(options.directory));
    RemoveIndexBeside(options.directory).IgnoreError();  // it takes room, and harms nobody
    start_time = clock.Now();
    RocksDbJournalOptions journal_options;
    journal_options.on_failure = [this](const absl::Status& why) { Fail(why); };
    journal_options.sync = options.sync_journal;
    journal_options.directory = options.directory + "/journal";
    journal_options.write_buffer_bytes = options.journal_buffer_bytes;
    GREFFE_ASSIGN_OR_RETURN(journal, OpenRocksDbJournal(journal_options));
    GREFFE_RETURN_IF_ERROR(OpenIndex());
    const std::string repositories = options.directory + "/repositories";
    objects = std::make_unique<ObjectSource>(repositories, *journal, options.open_repositories, options.reserve_bytes);
    options.uploads.directory = options.directory + "/uploads";
    options.uploads.reserve_bytes = options.reserve_bytes;
    const auto admit = [this](std::string_view project, const BlobHasher::Result& content) -> absl::Status {
      GREFFE_ASSIGN_OR_RETURN(const auto repository, objects->FindRepository(project));
      return repository == nullptr ? absl::OkStatus() : repository->AdmitLooseObject(content);
    };
    uploads = std::make_unique<Uploads>(options.uploads, *journal, clock, seals, admit);
    timeline = std::make_unique<Timeline>(clock);

    std::vector<std::pair<std::string, absl::Status>> quarantined;
    const auto quarantine = [&](const std::string& project, const absl::Status& why) {
      quarantined.emplace_back(project, why);
    };
    GREFFE_RETURN_IF_ERROR(Recovery(*journal, *index, *objects, progress, quarantine).CheckRepositories(repositories));
    const auto catch_up = [&](bool discarded) -> absl::StatusOr<Micros> {
      GREFFE_RETURN_IF_ERROR(Recovery(*journal, *index, *objects, progress, quarantine).CatchUpIndex(discarded));
      return index->NewestRecordTime();
    };
    absl::StatusOr<Micros> newest = catch_up(false);
    if (ReasonOf(newest.status()) == kIndexDamaged) {
      index.reset();
      GREFFE_RETURN_IF_ERROR(OpenIndex(std::string(newest.status().message())));
      newest = catch_up(true);
    }
    GREFFE_RETURN_IF_ERROR(newest.status());
    index->OnDamage([this](const absl::Status& why) { Fail(why); });
    GREFFE_RETURN_IF_ERROR(uploads->Recover());
    // What cannot be told costs its room alone.
    index->NoteDamage(TakeBackUnnamedContents(*journal, *index, *objects, *uploads)).IgnoreError();
    GREFFE_RETURN_IF_ERROR(locks.Load(*journal));
    ages.Begin(*newest);
    GREFFE_RETURN_IF_ERROR(unchanged.Load(*journal, ages.Now()));
    outbox = std::make_unique<Outbox>(options.outbox, *journal, clock);
    GREFFE_RETURN_IF_ERROR(outbox->Load());
    inbox = std::make_unique<Inbox>(options.inbox, *journal, *outbox, clock);
    GREFFE_RETURN_IF_ERROR(inbox->Load());
    timeline->Begin(*newest);

    packer = std::make_unique<Packer>(
        Packer::Options{options.pack_delay, options.pack_bytes}, *journal, *objects,
        [this](const std::string& project, const absl::Status& why) { Quarantine(project, why); },
        [this](const std::string& project, const absl::Status& why) {
          log(Severity::kError, "packing project '" + project + "': " + std::string(why.message()));
        });
    committer = std::make_unique<Committer>(
        options, WriteParts{*journal, *index, *objects, *uploads, *timeline, ages, locks, reservations, unchanged},
        notifier, [this](const absl::Status& why) { Fail(why); });
    committer->OnAppend([this](const std::string& project) { packer->Consider(project); });
    for (const auto& [project, why] : quarantined) Quarantine(project, why);
    scrubber = std::make_unique<Scrubber>(
        options.scrub, Scrubber::Parts{clock, *journal, *objects, options.directory, progress,
                                       [this](const std::string& line) { log(Severity::kError, line); }});
    if (options.background) {
      packer->Start();
      scrubber->Start();
      sweeper = std::thread([this] { Sweep(); });
    }
    return absl::OkStatus();
  }

  absl::Status OpenIndex(std::string discard = "") {
    IndexOptions index_options;
    index_options.discard = std::move(discard);
    index_options.directory = options.directory + "/index";
    index_options.cache_bytes = options.index_cache_bytes;
    index_options.write_buffer_bytes = options.index_buffer_bytes;
    std::string discarded;
    GREFFE_ASSIGN_OR_RETURN(index, Index::Open(index_options, &discarded));
    if (!discarded.empty()) log(Severity::kInfo, "the index was discarded and is made again: " + discarded);
    return absl::OkStatus();
  }

  // Sets the project apart; one that cannot be read answers nothing, since its index may lack the newest.
  void Quarantine(const std::string& project, const absl::Status& why) {
    if (committer->Quarantine(project, why)) log(Severity::kError, std::string(why.message()));
    if (IsUnreadable(why)) unreadable.Add(project, why);
  }

  void Sweep() {
    NameThisThread("sweeper");
    std::unique_lock guard(mutex);
    while (!closed) {
      stop_event.wait_for(guard, kSweepInterval, [this] { return closed; });
      if (closed) return;
      guard.unlock();
      uploads->RemoveExpired(ages.Now());
      guard.lock();
    }
  }

  void Fail(const absl::Status& why) {
    std::function<void(absl::Status)> handler;
    {
      const std::lock_guard guard(mutex);
      if (fatal) return;
      fatal = why;
      handler = on_fatal;
    }
    if (handler) handler(why);
  }

  absl::Status Close() {
    {
      const std::lock_guard guard(mutex);
      if (closed) return absl::OkStatus();
      closed = true;
      stop_event.notify_all();
    }
    if (sweeper.joinable()) sweeper.join();
    if (scrubber != nullptr) scrubber->Stop();
    if (committer == nullptr) return absl::OkStatus();  // it never opened
    committer->Close();
    packer->Stop();
    absl::Status status = packer->PackAll().status();
    // Nothing of it is lost: the journal keeps what cannot be packed.
    if (ReasonOf(status) == kQuarantined) status = absl::OkStatus();
    status.Update(index->Flush());
    status.Update(journal->Close());
    return status;
  }
};

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}

Store::~Store() { state_->Close().IgnoreError(); }

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const StoreOptions& options, const Clock& clock,
                                                   const StoreLog& log) {
  auto state = std::make_unique<State>(options, clock, log);
  GREFFE_RETURN_IF_ERROR(state->Open());
  return std::unique_ptr<Store>(new Store(std::move(state)));
}

absl::Status Store::Close() { return state_->Close(); }

void Store::Write(WriteRequest request, WriteDone done) {
  state_->committer->Write(std::move(request), std::move(done));
}

absl::StatusOr<WriteResult> Store::WriteAndWait(WriteRequest request) {
  request.by_caller = true;  // it waits in any case
  std::promise<absl::StatusOr<WriteResult>> promise;
  std::future<absl::StatusOr<WriteResult>> future = promise.get_future();
  Write(std::move(request), [&promise](absl::StatusOr<WriteResult> result) { promise.set_value(std::move(result)); });
  absl::StatusOr<WriteResult> result = future.get();
  if (result.ok()) GREFFE_RETURN_IF_ERROR(ReadReplayed(*result));
  return result;
}

absl::Status Store::ReadReplayed(WriteResult& result) const {
  if (result.unread.empty()) return absl::OkStatus();
  const std::string project = std::exchange(result.unread, "");
  if (result.sequence == 0) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, View(project, result.Seen()));
  GREFFE_ASSIGN_OR_RETURN(const std::vector<v1::Change> changes, view.ListChanges(result.sequence - 1, 1));
  for (const v1::Change& change : changes) {
    result.commit = change.commit();
    for (const v1::ChangeEntry& entry : change.entries()) {
      // What the commit did not put: a link that one of its ends changed, and a document whose lock was released.
      if (entry.kind() == v1::CHANGE_KIND_LINK_STATE_CHANGED || entry.kind() == v1::CHANGE_KIND_LOCK_FORCED) continue;
      if (entry.resource() == ProjectName(project)) {
        GREFFE_ASSIGN_OR_RETURN(result.project, view.GetProject());
        continue;
      }
      if (const auto document = ParseDocumentName(entry.resource()); document.ok()) {
        GREFFE_ASSIGN_OR_RETURN(result.documents.emplace_back(), view.GetDocument(document->number));
        continue;
      }
      GREFFE_ASSIGN_OR_RETURN(const RecordName name, ParseRecordName(entry.resource()));
      GREFFE_ASSIGN_OR_RETURN(RecordPtr record, view.FindRecord(*FindRecordKind(name.collection), name.id));
      if (record != nullptr) result.records.push_back(std::move(record));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<StagedContent> Store::Stage(std::string data, const std::string& file_name,
                                           const std::string& media_type, const std::string& field) const {
  if (static_cast<std::int64_t>(data.size()) > state_->options.inline_bytes) {
    return InvalidField(field, "CONTENT_TOO_LARGE",
                        std::to_string(data.size()) + " bytes; more than " +
                            std::to_string(state_->options.inline_bytes) + " come as an upload");
  }
  return StageBytes(std::move(data), file_name, media_type, field);
}

absl::StatusOr<StagedContent> Store::StageUpload(std::string_view project, std::string_view id,
                                                 const std::string& file_name, const std::string& media_type) const {
  GREFFE_ASSIGN_OR_RETURN(StagedContent content, state_->uploads->Take(project, id));
  if (!media_type.empty()) content.file.set_media_type(media_type);
  if (content.file.media_type().empty()) {
    const std::string file = state_->uploads->FilePath(project, id);
    const auto opened = LooseObjectReader::Open(file);
    if (absl::IsNotFound(opened.status())) {
      // A write consumed it meanwhile, or it was deleted: who does that forgets it before its file.
      GREFFE_RETURN_IF_ERROR(state_->uploads->Get(project, id).status());
      return Damaged("upload '" + std::string(id) + "' of project '" + std::string(project) + "'",
                     "'" + file + "' is gone");
    }
    GREFFE_RETURN_IF_ERROR(opened.status());
    const auto& reader = *opened;
    std::string first(static_cast<std::size_t>(std::min(kLookedBytes, reader->size())), '\0');
    GREFFE_RETURN_IF_ERROR(reader->Read(0, static_cast<std::int64_t>(first.size()), first.data()));
    content.file.set_media_type(MediaTypeOf(file_name, first));
  }
  return content;
}

absl::StatusOr<ProjectView> Store::View(std::string_view project, const v1::AsOf& as_of) const {
  GREFFE_RETURN_IF_ERROR(state_->unreadable.Check(project));
  return ProjectView::Open(*state_->index, project, as_of);
}

const Index& Store::index() const { return *state_->index; }
const LockTable& Store::locks() const { return state_->locks; }
Micros Store::NowForAges() const { return state_->ages.Now(); }
Inbox& Store::inbox() const { return *state_->inbox; }
Outbox& Store::outbox() const { return *state_->outbox; }
Uploads& Store::uploads() const { return *state_->uploads; }

absl::StatusOr<bool> Store::FindLatestContent(std::string_view project, std::string_view number,
                                              std::string& answer) const {
  GREFFE_RETURN_IF_ERROR(state_->unreadable.Check(project));
  return state_->index->FindLatestContent(project, number, answer);
}

void Store::KeepLatestContent(std::string_view project, std::string_view number, const v1::Version& version,
                              std::string_view content) const {
  state_->index->KeepLatestContent(project, number, version, content).IgnoreError();
}

absl::StatusOr<std::string> Store::ReadContent(std::string_view project, const v1::File& file) const {
  return ReadStoredContent(*state_->objects, project, file);
}

absl::StatusOr<std::unique_ptr<ContentReader>> Store::OpenContent(std::string_view project,
                                                                  const v1::File& file) const {
  return OpenStoredContent(*state_->objects, state_->seals, project, file,
                           {state_->options.inline_bytes, state_->options.reserve_bytes});
}

std::uint64_t Store::Subscribe(std::string_view project, std::function<void(std::string_view project)> wake) {
  return state_->notifier.Subscribe(project, std::move(wake));
}
void Store::Unsubscribe(std::uint64_t subscription) { state_->notifier.Unsubscribe(subscription); }
absl::StatusOr<std::vector<std::string>> Store::ListProjects(std::string_view after, int limit) const {
  return state_->unreadable.ListWith(*state_->index, after, limit);
}
Micros Store::SettledTime() const { return state_->timeline->Settled(); }

void Store::FlushRepositories(std::string_view project, FlushDone done) {
  if (!project.empty()) {
    if (const absl::Status known = View(project).status(); !known.ok()) return done(known);
  }
  const auto packed = [done = std::move(done)](const absl::StatusOr<std::int64_t>& count) {
    done(count.ok() ? absl::StatusOr<FlushResult>(FlushResult{*count}) : count.status());
  };
  if (project.empty()) {
    state_->packer->FlushAll(packed);
  } else {
    state_->packer->Flush(std::string(project), packed);
  }
}

absl::StatusOr<FlushResult> Store::FlushRepositories(std::string_view project) {
  std::promise<absl::StatusOr<FlushResult>> promise;
  std::future<absl::StatusOr<FlushResult>> future = promise.get_future();
  FlushRepositories(project, [&promise](absl::StatusOr<FlushResult> result) { promise.set_value(std::move(result)); });
  return future.get();
}

absl::Status Store::BeginScrub() { return state_->scrubber->BeginNow(); }
v1::ScrubStatus Store::Scrub() const { return state_->scrubber->Status(); }

v1::ServerStatus Store::Status() const {
  v1::ServerStatus status;
  status.set_format(kDataFormat);
  *status.mutable_start_time() = ToTimestamp(state_->start_time);
  status.set_project_count(state_->unreadable.CountWith(*state_->index).value_or(0));
  const JournalStats stats = state_->journal->Stats("");
  status.set_unpacked_commit_count(stats.unpacked_commits);
  status.set_unpacked_bytes(stats.unpacked_bytes);
  const absl::Status writable = Writable();
  status.set_writable(writable.ok());
  if (!writable.ok()) status.set_not_writable_reason(std::string(writable.message()));
  for (const std::string& project : state_->committer->Quarantined()) {
    status.add_quarantined_projects(ProjectName(project));
  }
  *status.mutable_scrub() = Scrub();
  return status;
}

absl::StatusOr<v1::ProjectStorage> Store::DescribeStorage(std::string_view project) const {
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, View(project));
  v1::ProjectStorage storage;
  storage.set_name(ProjectName(project));
  storage.set_sequence(view.sequence());
  storage.set_packed_sequence(view.sequence() - state_->journal->Stats(project).unpacked_commits);
  storage.set_repository("repositories/" + std::string(project) + ".git");
  GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<GitRepository> repository, state_->objects->FindRepository(project));
  if (repository == nullptr) return storage;
  GREFFE_ASSIGN_OR_RETURN(const PackSummary summary, repository->Summarize());
  storage.set_pack_count(summary.pack_count);
  storage.set_pack_bytes(summary.pack_bytes);
  return storage;
}

absl::Status Store::Writable() const { return state_->committer->Writable(); }

void Store::OnFatal(std::function<void(absl::Status)> handler) {
  std::optional<absl::Status> already;
  {
    const std::lock_guard guard(state_->mutex);
    state_->on_fatal = handler;
    already = state_->fatal;
  }
  if (already) handler(*already);
}

absl::StatusOr<TextComparison> CompareTexts(std::string_view base, std::string_view base_name, std::string_view target,
                                            std::string_view target_name, int context_lines) {
  GREFFE_ASSIGN_OR_RETURN(TextDiff diff, DiffTexts(base, base_name, target, target_name, context_lines));
  return TextComparison{std::move(diff.unified), diff.lines_added, diff.lines_removed};
}

}  // namespace greffe
