// The generated stubs of all services over one channel.
#pragma once

#include <memory>

#include "greffe/v1/admin.grpc.pb.h"
#include "greffe/v1/baselines.grpc.pb.h"
#include "greffe/v1/changes.grpc.pb.h"
#include "greffe/v1/contents.grpc.pb.h"
#include "greffe/v1/deliverables.grpc.pb.h"
#include "greffe/v1/documents.grpc.pb.h"
#include "greffe/v1/imports.grpc.pb.h"
#include "greffe/v1/locks.grpc.pb.h"
#include "greffe/v1/milestones.grpc.pb.h"
#include "greffe/v1/notifications.grpc.pb.h"
#include "greffe/v1/projects.grpc.pb.h"
#include "greffe/v1/registers.grpc.pb.h"
#include "greffe/v1/reports.grpc.pb.h"
#include "greffe/v1/reviews.grpc.pb.h"
#include "greffe/v1/tables.grpc.pb.h"
#include "greffe/v1/templates.grpc.pb.h"
#include "greffe/v1/trace.grpc.pb.h"
#include "greffe/v1/transmittals.grpc.pb.h"
#include "greffe/v1/versions.grpc.pb.h"
#include "greffe/v1/webhooks.grpc.pb.h"
#include "grpcpp/channel.h"

namespace greffe::client {

struct Stubs {
  explicit Stubs(const std::shared_ptr<grpc::Channel>& channel)
      : projects(v1::Projects::NewStub(channel)),
        documents(v1::Documents::NewStub(channel)),
        versions(v1::Versions::NewStub(channel)),
        contents(v1::Contents::NewStub(channel)),
        changes(v1::Changes::NewStub(channel)),
        locks(v1::Locks::NewStub(channel)),
        reviews(v1::Reviews::NewStub(channel)),
        deliverables(v1::Deliverables::NewStub(channel)),
        milestones(v1::Milestones::NewStub(channel)),
        registers(v1::Registers::NewStub(channel)),
        reports(v1::Reports::NewStub(channel)),
        tables(v1::Tables::NewStub(channel)),
        trace(v1::Trace::NewStub(channel)),
        baselines(v1::Baselines::NewStub(channel)),
        transmittals(v1::Transmittals::NewStub(channel)),
        templates(v1::Templates::NewStub(channel)),
        notifications(v1::Notifications::NewStub(channel)),
        webhooks(v1::Webhooks::NewStub(channel)),
        imports(v1::Imports::NewStub(channel)),
        admin(v1::Admin::NewStub(channel)) {}

  const std::unique_ptr<v1::Projects::Stub> projects;
  const std::unique_ptr<v1::Documents::Stub> documents;
  const std::unique_ptr<v1::Versions::Stub> versions;
  const std::unique_ptr<v1::Contents::Stub> contents;
  const std::unique_ptr<v1::Changes::Stub> changes;
  const std::unique_ptr<v1::Locks::Stub> locks;
  const std::unique_ptr<v1::Reviews::Stub> reviews;
  const std::unique_ptr<v1::Deliverables::Stub> deliverables;
  const std::unique_ptr<v1::Milestones::Stub> milestones;
  const std::unique_ptr<v1::Registers::Stub> registers;
  const std::unique_ptr<v1::Reports::Stub> reports;
  const std::unique_ptr<v1::Tables::Stub> tables;
  const std::unique_ptr<v1::Trace::Stub> trace;
  const std::unique_ptr<v1::Baselines::Stub> baselines;
  const std::unique_ptr<v1::Transmittals::Stub> transmittals;
  const std::unique_ptr<v1::Templates::Stub> templates;
  const std::unique_ptr<v1::Notifications::Stub> notifications;
  const std::unique_ptr<v1::Webhooks::Stub> webhooks;
  const std::unique_ptr<v1::Imports::Stub> imports;
  const std::unique_ptr<v1::Admin::Stub> admin;
};

}  // namespace greffe::client
