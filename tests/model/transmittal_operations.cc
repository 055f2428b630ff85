#include "tests/model/transmittal_operations.h"

#include <set>

#include "greffe/v1/transmittals.pb.h"
#include "tests/model/any_records.h"
#include "tests/model/entry_filters.h"
#include "tests/model/field_filters.h"

namespace greffe::model {
namespace {

constexpr std::size_t kManyTransmittals = 25;  // from so many on, new ones are rare

std::string AnyTransmittal(Dice& dice, const Knowledge& known) {
  return AnyRecordName<v1::Transmittal>(dice, known, "transmittals/TRM-9001", [](const v1::Transmittal& transmittal) {
    return transmittal.state() != v1::TRANSMITTAL_STATE_CLOSED;
  });
}

// Most often of documents that have content.
std::string AnySentVersion(Dice& dice, const Knowledge& known) {
  static const std::vector<v1::VersionState> states = {v1::VERSION_STATE_DRAFT, v1::VERSION_STATE_APPROVED,
                                                       v1::VERSION_STATE_RELEASED};
  const std::vector<std::string> names = known.LatestIn(dice.Of(states));
  if (names.empty() || dice.OneIn(6)) return AnyVersionName(dice, known);
  const std::string& name = dice.Of(names);
  return dice.OneIn(3) ? name.substr(0, name.rfind('/')) + "/latest" : name;
}

}  // namespace

Request CreateTransmittal(Dice& dice, const Knowledge& known) {
  if (known.All<v1::Transmittal>().size() >= kManyTransmittals && !dice.OneIn(4)) {
    return AcknowledgeTransmittal(dice, known);
  }
  auto request = std::make_shared<v1::CreateTransmittalRequest>();
  request->set_parent(Parent(known));
  v1::Transmittal& transmittal = *request->mutable_transmittal();
  transmittal.set_title(dice.OneIn(40) ? "" : "Title " + std::to_string(dice.Below(6)));
  transmittal.set_reason(static_cast<v1::TransmittalReason>(dice.Below(v1::TransmittalReason_ARRAYSIZE)));
  if (dice.OneIn(3)) transmittal.set_message("Dear all,\nhere it is");
  std::set<std::string> people;
  for (std::int64_t count = dice.OneIn(60) ? 0 : 1 + dice.Below(3); count > 0; --count) people.insert(AnyPerson(dice));
  if (dice.OneIn(40)) people.insert("<ada>");
  for (const std::string& person : people) transmittal.add_recipients()->set_id(person);
  if (!people.empty() && dice.OneIn(2)) transmittal.mutable_recipients(0)->set_organisation("Customer");
  if (!people.empty() && dice.OneIn(60)) transmittal.add_recipients()->set_id(*people.begin());
  if (dice.OneIn(2)) transmittal.set_response_due(dice.OneIn(20) ? "2026-02-30" : Days()[1]);
  if (dice.OneIn(30)) transmittal.set_response_due(Days()[0]);
  for (std::int64_t count = dice.OneIn(60) ? 0 : 1 + dice.Below(3); count > 0; --count) {
    request->add_versions(AnySentVersion(dice, known));
  }
  if (dice.OneIn(60)) request->add_versions("projects/elsewhere/documents/REC-0001/versions/1");
  if (dice.OneIn(15)) {  // which the server alone sets
    transmittal.set_sender("nobody");
    transmittal.add_items()->set_title("was sent before");
    transmittal.add_acknowledgements()->set_responded(true);
  }
  return request;
}

Request AcknowledgeTransmittal(Dice& dice, const Knowledge& known) {
  if (known.All<v1::Transmittal>().empty() && !dice.OneIn(8)) return CreateTransmittal(dice, known);
  auto request = std::make_shared<v1::AcknowledgeTransmittalRequest>();
  request->set_name(AnyTransmittal(dice, known));
  const auto* heard = HeardOf<v1::Transmittal>(known, request->name());
  if (heard != nullptr && !dice.OneIn(4)) request->set_recipient(dice.Of(heard->recipients()).id());
  if (dice.OneIn(30)) request->set_recipient(AnyPerson(dice));
  if (dice.OneIn(3)) request->set_comment("Received\nwith thanks");
  request->set_responded(dice.OneIn(2));
  return request;
}

Request GetTransmittal(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::GetTransmittalRequest>();
  request->set_name(AnyTransmittal(dice, known));
  if (dice.OneIn(3)) *request->mutable_as_of() = AnyMoment(dice, known);
  return request;
}

Request ListTransmittals(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::ListTransmittalsRequest>();
  request->set_parent(Parent(known));
  request->set_filter(AnyFilter(dice, known, *v1::Transmittal::descriptor()));
  request->set_order_by(AnyOrder(dice, *v1::Transmittal::descriptor()));
  request->set_page_size(dice.OneIn(3) ? 1 + static_cast<int>(dice.Below(4)) : 1000);
  if (dice.OneIn(3)) *request->mutable_as_of() = AnyMoment(dice, known);
  return request;
}

Request CompareTransmittal(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::CompareTransmittalRequest>();
  request->set_name(AnyTransmittal(dice, known));
  if (dice.OneIn(3)) *request->mutable_as_of() = AnyMoment(dice, known);
  return request;
}

}  // namespace greffe::model
