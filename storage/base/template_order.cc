#include "storage/base/template_order.h"

namespace greffe {
namespace {

constexpr std::size_t kDigits = 19;

}  // namespace

std::string TemplateOrder(std::string_view version_name) {
  const std::size_t digits = version_name.rfind('/') + 1;
  std::string order(version_name);
  const std::size_t count = order.size() - digits;
  if (count < kDigits) order.insert(digits, kDigits - count, '0');
  return order;
}

std::string TemplateOrderPrefix(std::string_view document_name) { return std::string(document_name) + "/versions/"; }

std::string_view PrefixOfTemplateOrder(std::string_view order) { return order.substr(0, order.rfind('/') + 1); }

}  // namespace greffe
