// The sessions behind `Uploads`: what is known of each, in memory and as a row of the journal. For uploads and their
// writers alone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/contents.pb.h"
#include "storage/git/loose_object.h"
#include "storage/store/uploads.h"

namespace greffe {

struct Uploads::State {
  // `upload` is the state row; what is only in memory goes beside it.
  struct Session {
    v1::Upload upload;          // received_size: as far as it is synced; sha256: as announced until complete
    std::int64_t received = 0;  // in the file
    std::string oid;            // once complete
    std::string request_id;
    std::string caller;  // whose request that is; "": of anyone, as rows once were
    Micros touched = 0;
    bool durable = false;  // its row was written
    int claims = 0;        // writes under way that have it
    bool busy = false;     // someone's alone: who set it may change the fields, and read them without the lock
    std::unique_ptr<LooseObjectWriter> writer;
  };
  using Key = std::pair<std::string, std::string>;  // project, id

  static constexpr char kRows[] = "uploads/";  // their keys begin so

  UploadOptions options;
  Journal& journal;
  const Clock& clock;
  ContentSeals& seals;
  const Admit admit;
  mutable std::mutex mutex;  // never held over I/O
  std::map<Key, std::shared_ptr<Session>> sessions;
  std::map<Key, std::string> requests;  // ids of the sessions that requests opened, by project and request id
  struct Count {
    int open = 0;     // without claims
    int claimed = 0;  // with them
  };
  std::map<std::string, Count> counts;  // by project

  State(UploadOptions upload_options, Journal& the_journal, const Clock& the_clock, ContentSeals& the_seals,
        Admit the_admit)
      : options(std::move(upload_options)),
        journal(the_journal),
        clock(the_clock),
        seals(the_seals),
        admit(std::move(the_admit)) {}

  std::string Path(std::string_view project, std::string_view id) const;

  // The row of a session, with `upload` and `oid` in place of its own.
  absl::Status Save(v1::Upload upload, const std::string& oid, const Session& session, const Key& key);
  absl::Status Save(const Session& session, const Key& key) { return Save(session.upload, session.oid, session, key); }
  // nullopt: it is none.
  static std::optional<Session> Load(const std::string& row);

  // What callers see of it.
  v1::Upload Answer(const Session& session) const;

  // Under the lock, as the next four. NOT_FOUND (UPLOAD_NOT_FOUND).
  absl::StatusOr<std::shared_ptr<Session>> Find(std::string_view project, std::string_view id) const;
  // The upload that the request of `asked` made before. INVALID_ARGUMENT (REQUEST_ID_REUSED).
  absl::StatusOr<std::optional<v1::Upload>> FindRequest(std::string_view project, const Session& asked) const;
  void Insert(const Key& key, std::shared_ptr<Session> session);
  // Forgets a session, which need not be there.
  void Erase(const Key& key);
  // Whether the project may open one more, so that what it leaves lying about closes uploads for no other. Those with
  // claims do not count, and of what a project has above its share, as when claims are given back, others see nothing.
  absl::Status CheckShare(std::string_view project) const;

  // Whether `size` more bytes leave what writes need.
  absl::Status CheckSpace(std::int64_t size) const;

  // Of a session that the caller made busy.
  absl::Status Remove(const Key& key);
};

}  // namespace greffe
