#include "clients/cli/refused_items.h"

#include <optional>
#include <sstream>

#include "absl/strings/numbers.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/text.h"
#include "clients/cpp/error.h"

namespace greffe::cli {
namespace {

std::string MetadataOf(const client::ErrorDetails& details, const std::string& key) {
  const auto found = details.metadata.find(key);
  return found == details.metadata.end() ? "" : found->second;
}

std::optional<std::size_t> IndexOf(const std::string& digits, const v1::BatchCheckInRequest& request) {
  int index = -1;
  if (!absl::SimpleAtoi(digits, &index) || index < 0 || index >= request.items_size()) return std::nullopt;
  return static_cast<std::size_t>(index);
}

// Of `items[7].new_document.path`.
std::optional<std::size_t> IndexOfField(const std::string& field, const v1::BatchCheckInRequest& request) {
  constexpr std::string_view kItems = "items[";
  if (!field.starts_with(kItems)) return std::nullopt;
  return IndexOf(field.substr(kItems.size(), field.find(']') - kItems.size()), request);
}

template <typename Fits>
std::optional<std::size_t> IndexWhere(const v1::BatchCheckInRequest& request, const Fits& fits) {
  for (int i = 0; i < request.items_size(); ++i) {
    if (fits(request.items(i))) return static_cast<std::size_t>(i);
  }
  return std::nullopt;
}

}  // namespace

std::vector<RefusedItem> RefusedItems(const absl::Status& status, const v1::BatchCheckInRequest& request) {
  const client::ErrorDetails details = client::DetailsOf(status);
  if (details.reason == "DOCUMENT_LOCKED") {
    const std::string document = MetadataOf(details, "document");
    const auto index = IndexWhere(request, [&](const auto& item) { return item.document() == document; });
    if (document.empty() || !index) return {};
    return {{*index, "is " + IdOf(document) + ", which \"" + MetadataOf(details, "holder") +
                         "\" has checked out until " + MetadataOf(details, "expire_time")}};
  }
  if (details.reason != "PATH_INVALID" && details.reason != "PATH_TAKEN") return {};
  const std::string path = MetadataOf(details, "path");
  const std::string field = MetadataOf(details, "field");
  const auto first =
      field.starts_with("items[")
          ? IndexOfField(field, request)
          : IndexWhere(request, [&](const auto& item) { return !path.empty() && item.new_document().path() == path; });
  if (!first) return {};
  std::vector<RefusedItem> refused = {{*first, std::string(status.message())}};
  std::istringstream items(MetadataOf(details, "items"));
  for (std::string item; std::getline(items, item, ',');) {
    const std::size_t colon = item.find(':');
    const auto index = colon == std::string::npos ? std::nullopt : IndexOf(item.substr(0, colon), request);
    if (index && *index != *first)
      refused.push_back({*index, "has no valid path: " + LowerWords(item.substr(colon + 1))});
  }
  return refused;
}

}  // namespace greffe::cli
