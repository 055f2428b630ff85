// greffe meeting minutes.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/planning.h"
#include "clients/cli/register.h"

namespace greffe::cli {
namespace {

struct MeetingOptions {
  std::string id;
  std::string topic;
  std::vector<std::string> information;
  std::vector<std::string> decisions;
  std::vector<std::string> actions;
};

void AddItem(v1::Meeting& meeting, v1::MinutesKind kind, const std::string& topic, const std::string& text) {
  v1::MinutesItem& item = *meeting.add_minutes();
  item.set_kind(kind);
  item.set_topic(topic);
  item.set_text(text);
}

// `owner:date:text`, as a reservation is written; owner and date may be empty.
absl::Status AddAction(v1::Meeting& meeting, const std::string& topic, const std::string& action) {
  const std::size_t first = action.find(':');
  const std::size_t second = first == std::string::npos ? first : action.find(':', first + 1);
  if (second == std::string::npos) {
    return OptionInvalid("--action: \"" + action + "\": expected OWNER:DATE:TEXT");
  }
  AddItem(meeting, v1::MINUTES_KIND_ACTION, topic, action.substr(second + 1));
  v1::MinutesItem& item = *meeting.mutable_minutes()->rbegin();
  item.set_owner(action.substr(0, first));
  item.set_due_date(action.substr(first + 1, second - first - 1));
  return absl::OkStatus();
}

}  // namespace

void AddMeetingCommands(Program& program, CLI::App* group, const std::string& name) {
  if (name != "meeting") return;
  Session& session = program.session;
  CLI::App* const minutes = group->add_subcommand("minutes", "Add items to the minutes; JSON: the entry");
  const auto options = std::make_shared<MeetingOptions>();
  minutes->add_option("ID", options->id, "Id of the meeting")->required();
  minutes->add_option("--topic", options->topic, "The point of the agenda");
  AddList(minutes, "--information", options->information, "What people know now; several times");
  AddList(minutes, "--decision", options->decisions, "What was decided: becomes a decision; several times");
  AddList(minutes, "--action", options->actions, "OWNER:DATE:TEXT: becomes an action; several times");
  OnCall(program, minutes, [&session, options]() -> absl::Status {
    GREFFE_CLIENT_RETURN_IF_ERROR(
        RefuseRequestId(session, "items are added to the minutes that are there, which this changes"));
    v1::GetEntryRequest get;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*get.mutable_name(), RecordNameOf(session, "meetings", options->id));
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Entry entry, session.client().GetEntry(get));
    v1::UpdateEntryRequest request;
    // With its etag: minutes that someone else writes meanwhile are not overwritten.
    v1::Meeting& meeting = *request.mutable_entry()->mutable_meeting();
    meeting = entry.meeting();
    const int before = meeting.minutes_size();
    for (const auto& text : options->information) {
      AddItem(meeting, v1::MINUTES_KIND_INFORMATION, options->topic, text);
    }
    for (const auto& text : options->decisions) AddItem(meeting, v1::MINUTES_KIND_DECISION, options->topic, text);
    for (const auto& text : options->actions) {
      GREFFE_CLIENT_RETURN_IF_ERROR(AddAction(meeting, options->topic, text));
    }
    if (meeting.minutes_size() == before) {
      return client::MakeError(absl::StatusCode::kInvalidArgument, "NOTHING_GIVEN",
                               "give --information, --decision or --action");
    }
    request.mutable_update_mask()->add_paths("minutes");
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Entry changed, session.client().UpdateEntry(request));
    PrintOutcome(session, "updated", changed);
    if (session.json()) return absl::OkStatus();
    for (int i = before; i < changed.meeting().minutes_size(); ++i) {
      const std::string& record = changed.meeting().minutes(i).record();
      if (!record.empty()) {
        const bool action = changed.meeting().minutes(i).kind() == v1::MINUTES_KIND_ACTION;
        session.out() << (action ? "action  " : "decision  ") << IdOf(record) << "\n";
      }
    }
    return absl::OkStatus();
  });
}

}  // namespace greffe::cli
