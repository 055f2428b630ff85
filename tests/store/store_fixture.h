// A store in a folder of its own, with short words for what tests do to it.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/base/names.h"
#include "storage/store/document_acts.h"
#include "storage/store/maintenance.h"
#include "storage/store/store.h"
#include "tests/shell.h"
#include "tests/temporary_directory.h"

namespace greffe {

class StoreFixture : public testing::Test {
 protected:
  // Of `greffe-admin verify`; "" when all is sound.
  static std::string Findings(const std::string& data) {
    std::string lines;
    const auto verified = VerifyData(
        data, [](const std::string&) {}, [&](const std::string& line) { lines += line + "\n"; });
    EXPECT_TRUE(verified.ok()) << verified.status();
    return lines;
  }

  void SetUp() override { Open(); }

  virtual void Configure(StoreOptions&) {}

  void Open() {
    StoreOptions options;
    options.directory = directory_.path() + "/data";
    options.reserve_bytes = 0;
    options.index_buffer_bytes = 1 << 20;  // to clear what larger ones take is 10 ms at each opening
    options.background = false;
    options.open_repositories = open_repositories_;
    Configure(options);
    auto opened = Store::Open(options, clock_, [this](Severity, const std::string& line) {
      const std::lock_guard lock(progress_mutex_);
      progress_.push_back(line);
      progress_event_.notify_all();
    });
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  absl::StatusOr<WriteResult> Act(std::function<absl::Status(Transaction&)> act, const std::string& request_id = "",
                                  const std::string& digest = "") {
    return ActOn("apollo", std::move(act), request_id, digest);
  }

  absl::StatusOr<WriteResult> ActOn(const std::string& project, std::function<absl::Status(Transaction&)> act,
                                    const std::string& request_id = "", const std::string& digest = "") {
    WriteRequest request;
    request.project = project;
    request.principal.set_id("ada");
    request.principal.set_display_name("Ada Lovelace");
    request.request_id = request_id;
    request.digest = digest;
    request.act = std::move(act);
    return store_->WriteAndWait(std::move(request));
  }

  absl::StatusOr<WriteResult> MakeProject() {
    return Act([](Transaction& transaction) {
      v1::Project project;
      project.set_title("Apollo");
      return CreateProject(transaction, project);
    });
  }

  // Checks in; registers when `number` is empty, or not there.
  absl::StatusOr<WriteResult> Put(const std::string& path, const std::string& text, const std::string& number = "",
                                  const std::string& request_id = "") {
    auto content = store_->Stage(text, path, "", "data");
    if (!content.ok()) return content.status();
    return Act(
        [=](Transaction& transaction) -> absl::Status {
          std::string chosen = number;
          if (chosen.empty()) {
            v1::Document document;
            document.set_path(path);
            document.set_type("specification");
            GREFFE_ASSIGN_OR_RETURN(chosen, CreateDocument(transaction, document, "", "ada", "document", "id"));
          }
          CheckInAct act;
          act.number = chosen;
          act.main_file = *content;
          return CheckIn(transaction, std::move(act), "item").status();
        },
        request_id, "d" + path);
  }

  ProjectView View(std::int64_t sequence = 0) {
    v1::AsOf as_of;
    if (sequence > 0) as_of.set_sequence(sequence);
    auto view = store_->View("apollo", as_of);
    EXPECT_TRUE(view.ok()) << view.status();
    return *view;
  }

  std::string Git(const std::string& arguments) {
    const ShellResult result = Shell("git -C " + directory_.path() + "/data/repositories/apollo.git " + arguments);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return result.output;
  }

  // A large content as an upload, and a document with it.
  absl::StatusOr<WriteResult> PutLarge(const std::string& project, const std::string& path, const std::string& text) {
    GREFFE_ASSIGN_OR_RETURN(const v1::Upload upload,
                            store_->uploads().Create(project, static_cast<std::int64_t>(text.size()), "", ""));
    const std::string id = upload.name().substr(upload.name().rfind('/') + 1);
    {
      GREFFE_ASSIGN_OR_RETURN(const auto writer, store_->uploads().OpenWriter(project, id));
      GREFFE_RETURN_IF_ERROR(writer->Append(0, text, Crc32c(text)));
      GREFFE_RETURN_IF_ERROR(writer->Finish().status());
    }
    GREFFE_ASSIGN_OR_RETURN(const StagedContent content, store_->StageUpload(project, id, path, ""));
    return ActOn(project, [=](Transaction& transaction) -> absl::Status {
      v1::Document document;
      document.set_path(path);
      CheckInAct act;
      GREFFE_ASSIGN_OR_RETURN(act.number, CreateDocument(transaction, document, "", "ada", "document", "id"));
      act.main_file = content;
      return CheckIn(transaction, std::move(act), "item").status();
    });
  }

  std::string DumpIndex() {
    std::string dump;
    EXPECT_TRUE(store_->index()
                    .ForEachRow([&](std::string_view key, std::string_view value) {
                      dump += std::string(key) + "=" + std::string(value) + "\n";
                      return absl::OkStatus();
                    })
                    .ok());
    return dump;
  }

  TemporaryDirectory directory_;
  SystemClock clock_;
  std::mutex progress_mutex_;
  std::condition_variable progress_event_;
  std::vector<std::string> progress_;
  int open_repositories_ = 256;
  std::unique_ptr<Store> store_;
};

}  // namespace greffe
