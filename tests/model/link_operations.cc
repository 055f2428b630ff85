#include "tests/model/link_operations.h"

#include <algorithm>
#include <iterator>

#include "greffe/v1/trace.pb.h"
#include "tests/model/any_entries.h"
#include "tests/model/any_records.h"
#include "tests/model/field_filters.h"

namespace greffe::model {
namespace {

constexpr std::size_t kManyLinks = 50;  // from so many on, new ones are rare

template <typename Wanted>
std::string AnyLink(Dice& dice, const Knowledge& known, Wanted wanted) {
  return AnyRecordName<v1::Link>(dice, known, "links/LNK-9001", wanted);
}

std::string AnyLink(Dice& dice, const Knowledge& known) {
  return AnyLink(dice, known, [](const v1::Link&) { return true; });
}

// Where a link may end, most often.
std::string AnyEnd(Dice& dice, const Knowledge& known) {
  static const std::vector<std::string> bad = {"", "projects/elsewhere/documents/REC-0001", "no/name/at/all"};
  if (dice.OneIn(60)) return dice.Of(bad);
  if (dice.OneIn(8)) return AnyEntryName(dice, known);
  if (dice.OneIn(4) && !known.records.empty()) {
    return std::next(known.records.begin(), dice.Below(static_cast<std::int64_t>(known.records.size())))->first;
  }
  if (dice.OneIn(10) && !known.reviews.empty()) {
    return std::next(known.reviews.begin(), dice.Below(static_cast<std::int64_t>(known.reviews.size())))->first;
  }
  if (dice.OneIn(6)) return AnyVersionName(dice, known);
  if (dice.OneIn(3) || known.documents.empty()) return AnyName(dice, known);
  // Few, so that links come to form a cycle, and to be there twice.
  constexpr std::int64_t kFew = 6;
  const auto count = std::min(kFew, static_cast<std::int64_t>(known.documents.size()));
  return std::next(known.documents.begin(), dice.Below(count))->first;
}

v1::Link AnyLinkValues(Dice& dice, const Knowledge& known) {
  v1::Link link;
  link.set_type(static_cast<v1::LinkType>(dice.OneIn(60) ? 0 : 1 + dice.Below(v1::LinkType_ARRAYSIZE - 1)));
  if (dice.OneIn(2)) link.set_type(v1::LINK_TYPE_SUPERSEDES);
  link.set_from(AnyEnd(dice, known));
  link.set_to(AnyEnd(dice, known));
  if (dice.OneIn(60)) link.set_from_anchor("REQ-1");
  if (dice.OneIn(3)) link.set_rationale("Because");
  if (dice.OneIn(20)) {  // which the server alone sets
    link.set_state(v1::LINK_STATE_BROKEN);
    link.set_from_hash("0");
    link.set_origin("requires");
  }
  return link;
}

std::string AnyReasonWhy(Dice& dice) { return dice.OneIn(20) ? "" : "Reason " + std::to_string(dice.Below(4)); }

// What one end was when it was heard of, or is not; most often "".
std::string AnyHash(Dice& dice, const std::string& heard) {
  if (!dice.OneIn(8)) return "";
  return dice.OneIn(3) ? std::string(64, '0') : heard;
}

}  // namespace

Request CreateLink(Dice& dice, const Knowledge& known) {
  if (known.All<v1::Link>().size() >= kManyLinks && !dice.OneIn(6)) return ConfirmLink(dice, known);
  auto request = std::make_shared<v1::CreateLinkRequest>();
  request->set_parent(Parent(known));
  *request->mutable_link() = AnyLinkValues(dice, known);
  return request;
}

Request BatchCreateLinks(Dice& dice, const Knowledge& known) {
  if (known.All<v1::Link>().size() >= kManyLinks && !dice.OneIn(6)) return DeleteLink(dice, known);
  auto request = std::make_shared<v1::BatchCreateLinksRequest>();
  request->set_parent(Parent(known));
  for (std::int64_t count = dice.OneIn(40) ? 0 : 1 + dice.Below(3); count > 0; --count) {
    *request->add_links() = AnyLinkValues(dice, known);
  }
  return request;
}

Request ConfirmLink(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::ConfirmLinkRequest>();
  request->set_name(AnyLink(dice, known, [](const v1::Link& link) { return link.state() == v1::LINK_STATE_SUSPECT; }));
  request->set_reason(AnyReasonWhy(dice));
  request->set_etag(AnyRecordEtag<v1::Link>(dice, known, request->name()));
  const auto* heard = HeardOf<v1::Link>(known, request->name());
  if (heard == nullptr) return request;
  request->set_from_hash(AnyHash(dice, heard->from_hash()));
  request->set_to_hash(AnyHash(dice, heard->to_hash()));
  return request;
}

Request RepointLink(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::RepointLinkRequest>();
  request->set_name(AnyLink(dice, known, [](const v1::Link& link) { return link.state() == v1::LINK_STATE_BROKEN; }));
  if (dice.OneIn(2)) request->set_from(AnyEnd(dice, known));
  if (dice.OneIn(2)) request->set_to(AnyEnd(dice, known));
  request->set_reason(AnyReasonWhy(dice));
  request->set_etag(AnyRecordEtag<v1::Link>(dice, known, request->name()));
  if (dice.OneIn(30)) request->set_to_hash(std::string(64, '0'));
  return request;
}

Request DeleteLink(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::DeleteLinkRequest>();
  request->set_name(AnyLink(dice, known));
  if (dice.OneIn(2)) request->set_reason(AnyReasonWhy(dice));
  request->set_etag(AnyRecordEtag<v1::Link>(dice, known, request->name()));
  return request;
}

Request GetLink(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::GetLinkRequest>();
  request->set_name(AnyLink(dice, known));
  if (dice.OneIn(3)) *request->mutable_as_of() = AnyMoment(dice, known);
  return request;
}

Request ListLinks(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::ListLinksRequest>();
  request->set_parent(Parent(known));
  request->set_filter(AnyFilter(dice, known, *v1::Link::descriptor()));
  request->set_order_by(AnyOrder(dice, *v1::Link::descriptor()));
  request->set_page_size(dice.OneIn(3) ? 1 + static_cast<int>(dice.Below(4)) : 1000);
  if (dice.OneIn(3)) *request->mutable_as_of() = AnyMoment(dice, known);
  return request;
}

}  // namespace greffe::model
