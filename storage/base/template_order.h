// Names of templates' versions as texts that sort as the versions of a template follow each other.
#pragma once

#include <string>
#include <string_view>

namespace greffe {

// `projects/{p}/documents/{number}/versions/{n}`, with n as 19 digits.
std::string TemplateOrder(std::string_view version_name);
// What the orders of all versions of that document begin with.
std::string TemplateOrderPrefix(std::string_view document_name);
// The prefix of an order: up to its version.
std::string_view PrefixOfTemplateOrder(std::string_view order);

}  // namespace greffe
