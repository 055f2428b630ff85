// A project with requirements, a design, a test and its result, and links between them.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tests/services/service_fixture.h"

namespace greffe {

class TraceFixture : public ServiceFixture {
 protected:
  static constexpr char kRequirements[] = "# Flow\n\nREQ-1 The pump delivers 30 l/s.\n\nREQ-2 It stops when dry.\n";

  static std::string Doc(const std::string& number) { return "projects/apollo/documents/" + number; }

  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
    v1::TraceRule rule;
    rule.set_requirement_pattern("REQ-\\d+");
    rule.set_headings(true);
    rule.add_document_types("specification");
    SetTraceRule(rule);
    CheckIn(NewAt("requirements.md", kRequirements));  // SPC-0001
    CheckIn(NewAt("design.md", "design"));             // SPC-0002
    CheckIn(NewOf("procedure", "test.md", "test"));    // PRC-0001
    CheckIn(NewOf("record", "result.md", "result"));   // REC-0001
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }

  void SetTraceRule(const v1::TraceRule& rule) {
    v1::UpdateProjectRequest update;
    update.mutable_project()->set_name("projects/apollo");
    *update.mutable_project()->mutable_trace_rule() = rule;
    update.mutable_update_mask()->add_paths("trace_rule");
    Call(*projects_, &v1::Projects::Stub::UpdateProject, update);
    EXPECT_TRUE(status_.ok()) << status_.error_message();
  }
  static v1::CheckInRequest NewOf(const std::string& type, const std::string& path, const std::string& text) {
    v1::CheckInRequest request = NewAt(path, text);
    request.mutable_item()->mutable_new_document()->set_type(type);
    return request;
  }
  static v1::Link LinkOf(v1::LinkType type, const std::string& from, const std::string& to,
                         const std::string& to_anchor = "") {
    v1::Link link;
    link.set_type(type);
    link.set_from(from);
    link.set_to(to);
    link.set_to_anchor(to_anchor);
    return link;
  }
  v1::Link Make(v1::LinkType type, const std::string& from, const std::string& to, const std::string& to_anchor = "") {
    v1::CreateLinkRequest request;
    request.set_parent("projects/apollo");
    *request.mutable_link() = LinkOf(type, from, to, to_anchor);
    return Call(*trace_, &v1::Trace::Stub::CreateLink, request);
  }
  v1::Link Get(const std::string& name, std::int64_t sequence = 0) {
    v1::GetLinkRequest request;
    request.set_name(name);
    if (sequence > 0) request.mutable_as_of()->set_sequence(sequence);
    return Call(*trace_, &v1::Trace::Stub::GetLink, request);
  }
  // The ids of the links that match.
  std::string List(const std::string& filter, std::int64_t sequence = 0) {
    v1::ListLinksRequest request;
    request.set_parent("projects/apollo");
    request.set_filter(filter);
    if (sequence > 0) request.mutable_as_of()->set_sequence(sequence);
    std::string ids;
    const v1::ListLinksResponse page = Call(*trace_, &v1::Trace::Stub::ListLinks, request);
    for (const v1::Link& link : page.links()) {
      ids += (ids.empty() ? "" : " ") + link.name().substr(link.name().rfind('/') + 1);
    }
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    return ids;
  }
  v1::Link Confirm(const std::string& name, const std::string& reason = "read it") {
    v1::ConfirmLinkRequest request;
    request.set_name(name);
    request.set_reason(reason);
    return Call(*trace_, &v1::Trace::Stub::ConfirmLink, request);
  }
  v1::GetImpactResponse Impact(const std::string& name, std::int64_t sequence = 0) {
    v1::GetImpactRequest request;
    request.set_name(name);
    if (sequence > 0) request.mutable_as_of()->set_sequence(sequence);
    return Call(*trace_, &v1::Trace::Stub::GetImpact, request);
  }
  static std::string Names(const google::protobuf::RepeatedPtrField<v1::ImpactNode>& nodes) {
    std::string names;
    for (const v1::ImpactNode& node : nodes) {
      names += node.name().substr(node.name().rfind('/') + 1) + "@" + std::to_string(node.depth()) + " ";
    }
    return names;
  }
  v1::GetCoverageMatrixRequest MatrixRequest() {
    v1::GetCoverageMatrixRequest request;
    request.set_parent("projects/apollo");
    request.mutable_rows()->set_document_type("specification");
    request.mutable_rows()->set_anchors(v1::ANCHOR_KIND_REQUIREMENT);
    request.mutable_columns()->set_document_type("procedure");
    return request;
  }
  static std::string Text(const v1::GetCoverageMatrixResponse& matrix) {
    std::string text;
    for (const v1::CoverageRow& row : matrix.rows()) {
      text += row.name().substr(row.name().rfind('/') + 1) + "#" + row.anchor() + ":";
      for (const v1::CoverageCell& cell : row.cells()) text += cell.name().substr(cell.name().rfind('/') + 1) + ",";
      text += " ";
    }
    return text;
  }
  void Withdraw(const std::string& number) {
    v1::WithdrawDocumentRequest request;
    request.set_name(Doc(number));
    Call(*documents_, &v1::Documents::Stub::WithdrawDocument, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  std::int64_t Sequence() {
    v1::GetProjectRequest request;
    request.set_name("projects/apollo");
    return Call(*projects_, &v1::Projects::Stub::GetProject, request).sequence();
  }
};

}  // namespace greffe
