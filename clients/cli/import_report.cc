#include "clients/cli/import_report.h"

#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/utf8.h"
#include "google/protobuf/struct.pb.h"

namespace greffe::cli {

void ImportReport::Count(const std::string& reason, const std::string& path, const std::string& detail,
                         const std::string& commit) {
  Left& left = left_out_[{reason, path}];
  if (left.times++ > 0) return;
  left.detail = detail;
  left.first_commit = commit;
}

void ImportReport::Add(const v1::ImportCommitsResponse& response) {
  const std::lock_guard lock(mutex_);
  ++commits_;
  if (response.sequence() > 0) {
    ++made_;
    sequence_ = response.sequence();
    last_commit_ = response.source_commit();
  }
  created_ += response.documents_created();
  versions_ += response.versions_created();
  withdrawn_ += response.documents_withdrawn();
  moved_ += response.documents_moved();
  for (const v1::ImportSkip& skip : response.skipped()) {
    Count(skip.reason(), skip.path(), skip.detail(), response.source_commit());
  }
  untold_ += response.omitted_skip_count();
}

void ImportReport::AddSkipped(const std::string& commit, const std::vector<Skipped>& skipped) {
  const std::lock_guard lock(mutex_);
  if (skipped.empty() || !told_.insert(commit).second) return;
  for (const Skipped& one : skipped) Count(one.reason, one.path, one.detail, commit);
}

void ImportReport::AddEmpty(const std::string& commit) {
  const std::lock_guard lock(mutex_);
  empty_.insert(commit);
}

std::int64_t ImportReport::commits() const {
  const std::lock_guard lock(mutex_);
  return commits_;
}

void ImportReport::Print(Session& session, const std::string& source, const v1::ImportSource* stand) {
  const std::lock_guard lock(mutex_);
  if (session.json()) {
    PrintJson(session, source, stand);
    return;
  }
  Sheet sheet;
  sheet.Add("Source", IdOf(source));
  sheet.Add("Commits",
            std::to_string(commits_) + " imported" +
                (made_ == commits_ ? "" : ", " + std::to_string(commits_ - made_) + " of them without effect"));
  if (!empty_.empty()) {
    sheet.Add("", std::to_string(empty_.size()) + " passed over: they change nothing that is imported");
  }
  if (stand != nullptr) sheet.Add("In all", std::to_string(stand->commit_count()) + " commits of this source");
  sheet.Add("Documents", std::to_string(created_) + " created, " + std::to_string(moved_) + " moved, " +
                             std::to_string(withdrawn_) + " withdrawn");
  sheet.Add("Versions", std::to_string(versions_));
  if (sequence_ > 0) sheet.Add("Sequence", std::to_string(sequence_));
  sheet.Add("Left out",
            std::to_string(left_out_.size()) +
                (untold_ > 0 ? ", and " + std::to_string(untold_) + " changes that are not told apart" : ""));
  sheet.Print(session);
  std::map<std::string, int> reasons;
  for (const auto& [key, left] : left_out_) {
    const auto& [reason, path] = key;
    session.Note("left out: " + Printable(path) + ": " + Printable(left.detail) + " (" + Printable(reason) +
                 (left.times > 1 ? ", " + std::to_string(left.times) + " times, first" : "") + " in " +
                 left.first_commit.substr(0, 10) + ")");
    ++reasons[reason];
  }
  for (const auto& [reason, count] : reasons) {
    session.Note("left out for " + Printable(reason) + ": " + std::to_string(count));
  }
}

void ImportReport::PrintJson(Session& session, const std::string& source, const v1::ImportSource* stand) {
  google::protobuf::Struct document;
  auto& fields = *document.mutable_fields();
  fields["source"].set_string_value(source);
  fields["lastCommit"].set_string_value(stand == nullptr ? last_commit_ : stand->last_commit());
  // Numbers of 64 bits are strings, as everywhere.
  fields["sequence"].set_string_value(std::to_string(sequence_));
  const auto number = [&](const char* name, std::int64_t value) {
    fields[name].set_number_value(static_cast<double>(value));
  };
  number("commits", commits_);
  if (stand != nullptr) number("commitsInAll", stand->commit_count());
  number("commitsWithoutEffect", commits_ - made_);
  number("commitsPassedOver", static_cast<std::int64_t>(empty_.size()));
  number("documentsCreated", created_);
  number("documentsMoved", moved_);
  number("documentsWithdrawn", withdrawn_);
  number("versionsCreated", versions_);
  number("skippedUntold", untold_);
  auto& skipped = *fields["skipped"].mutable_list_value();
  for (const auto& [key, left] : left_out_) {
    auto& one = *skipped.add_values()->mutable_struct_value()->mutable_fields();
    one["reason"].set_string_value(client::ValidUtf8(key.first));
    one["path"].set_string_value(client::ValidUtf8(key.second));
    one["detail"].set_string_value(client::ValidUtf8(left.detail));
    one["times"].set_number_value(static_cast<double>(left.times));
    one["firstCommit"].set_string_value(left.first_commit);
  }
  session.PrintJson(document);
}

}  // namespace greffe::cli
