// What the commands about records of any kind share: how people name them, lists, and one that is shown.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/commands.h"
#include "clients/cli/moment.h"
#include "clients/cli/session.h"
#include "clients/cli/table.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {

// `projects/{p}/{collection}/{id}` of an id, or of such a name.
absl::StatusOr<std::string> RecordNameOf(Session& session, const std::string& collection, const std::string& text);

// Prints a list: each record as JSON, or as `row` in `table`; at most `limit` of them, all for 0. `call(request)` gives
// a page, `records(page)` what is on it.
template <typename Request, typename Call, typename Records, typename Row>
absl::Status PrintList(Session& session, Request request, std::int64_t limit, Table table, Call call, Records records,
                       Row row) {
  std::int64_t count = 0;
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto page, call(request));
    for (const auto& record : records(page)) {
      if (limit > 0 && count++ == limit) break;
      if (session.json()) {
        session.PrintJson(record);
      } else {
        table.Add(row(record));
      }
    }
    if (page.next_page_token().empty() || (limit > 0 && count >= limit)) break;
    request.set_page_token(page.next_page_token());
  }
  if (!session.json()) table.Print(session);
  return absl::OkStatus();
}

// Prints a record: its JSON, or the sheet that `add_lines` fills for people.
template <typename Record, typename AddLines>
absl::Status PrintRecord(Session& session, const absl::StatusOr<Record>& record, AddLines add_lines) {
  if (!record.ok()) return record.status();
  if (session.json()) {
    session.PrintJson(*record);
    return absl::OkStatus();
  }
  Sheet sheet;
  add_lines(sheet, *record);
  sheet.Print(session);
  return absl::OkStatus();
}

// A command `show ID`, as of any moment.
template <typename Request, typename Record, typename AddLines>
void AddShowCommand(Program& program, CLI::App* group, const std::string& help, const std::string& collection,
                    const std::string& argument, const std::string& argument_help,
                    absl::StatusOr<Record> (client::Client::*call)(Request), AddLines add_lines) {
  Session& session = program.session;
  CLI::App* const command = group->add_subcommand("show", help + "; JSON: " + Record::descriptor()->name());
  const auto options = std::make_shared<std::pair<std::string, std::string>>();
  command->add_option(argument, options->first, argument_help)->required();
  AddAsOf(command, options->second);
  OnCall(program, command, [&session, options, collection, call, add_lines]() -> absl::Status {
    Request request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), RecordNameOf(session, collection, options->first));
    if (!options->second.empty()) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options->second));
    }
    return PrintRecord(session, (session.client().*call)(request), add_lines);
  });
}

}  // namespace greffe::cli
