#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "greffe/v1/admin.pb.h"
#include "greffe/v1/annotations.pb.h"
#include "greffe/v1/baselines.pb.h"
#include "greffe/v1/changes.pb.h"
#include "greffe/v1/contents.pb.h"
#include "greffe/v1/deliverables.pb.h"
#include "greffe/v1/documents.pb.h"
#include "greffe/v1/imports.pb.h"
#include "greffe/v1/locks.pb.h"
#include "greffe/v1/milestones.pb.h"
#include "greffe/v1/notifications.pb.h"
#include "greffe/v1/projects.pb.h"
#include "greffe/v1/registers.pb.h"
#include "greffe/v1/reports.pb.h"
#include "greffe/v1/reviews.pb.h"
#include "greffe/v1/tables.pb.h"
#include "greffe/v1/templates.pb.h"
#include "greffe/v1/trace.pb.h"
#include "greffe/v1/transmittals.pb.h"
#include "greffe/v1/versions.pb.h"
#include "greffe/v1/webhooks.pb.h"

namespace greffe {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const auto* file :
       {v1::Project::descriptor()->file(), v1::Document::descriptor()->file(), v1::Version::descriptor()->file(),
        v1::Upload::descriptor()->file(), v1::Change::descriptor()->file(), v1::Lock::descriptor()->file(),
        v1::CreateReviewRequest::descriptor()->file(), v1::Deliverable::descriptor()->file(),
        v1::Milestone::descriptor()->file(), v1::Link::descriptor()->file(), v1::Baseline::descriptor()->file(),
        v1::Transmittal::descriptor()->file(), v1::Entry::descriptor()->file(), v1::TableDialect::descriptor()->file(),
        v1::TemplateFields::descriptor()->file(), v1::Notification::descriptor()->file(),
        v1::Webhook::descriptor()->file(), v1::ImportSource::descriptor()->file(),
        v1::ServerStatus::descriptor()->file()}) {
    EXPECT_EQ(file->service_count(), 1) << file->name() << ": a service a noun";
    for (int s = 0; s < file->service_count(); ++s) {
      const ServiceDescriptor* service = file->service(s);
      for (int m = 0; m < service->method_count(); ++m) methods.push_back(service->method(m));
    }
  }
  return methods;
}

TEST(PolicyTest, EveryRpcSaysWhichPermissionItNeeds) {
  const auto methods = AllMethods();
  EXPECT_GE(methods.size(), 40u);
  for (const MethodDescriptor* method : methods) {
    ASSERT_TRUE(method->options().HasExtension(v1::policy)) << method->full_name();
    const std::string& permission = method->options().GetExtension(v1::policy).permission();
    const std::size_t dot = permission.find('.');
    EXPECT_TRUE(dot != std::string::npos && dot > 0 && dot + 1 < permission.size()) << method->full_name();
  }
}

TEST(PolicyTest, WhatReadsDoesNotMutateAndWhatMutatesMayBeRepeated) {
  for (const MethodDescriptor* method : AllMethods()) {
    const v1::MethodPolicy& policy = method->options().GetExtension(v1::policy);
    const std::string& name = method->name();
    const bool reads = name.starts_with("Get") || name.starts_with("List") || name.starts_with("Lookup") ||
                       name.starts_with("Fetch") || name.starts_with("BatchFetch") || name.starts_with("Download") ||
                       name.starts_with("Compare") || name.starts_with("Export") || name.starts_with("Watch");
    EXPECT_EQ(policy.mutates(), !reads) << method->full_name();
    // Streams are repeatable by their offsets and positions; deleting, packing, beginning, marking as read and asking
    // for another attempt twice is what once is.
    const bool by_nature = method->client_streaming() || name == "DeleteUpload" || name == "FlushRepositories" ||
                           name == "StartScrub" || name == "AcknowledgeNotifications" || name == "DeleteWebhook" ||
                           name == "RetryDeadLetters";
    if (policy.mutates() && !by_nature) {
      EXPECT_NE(method->input_type()->FindFieldByName("request_id"), nullptr) << method->full_name();
    }
  }
}

}  // namespace
}  // namespace greffe
