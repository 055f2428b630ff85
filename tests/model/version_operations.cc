#include "tests/model/version_operations.h"

#include "tests/model/any_values.h"
#include "tests/model/signer.h"
#include "tests/model/version_names.h"

namespace greffe::model {
namespace {

void AnyPeople(Dice& dice, google::protobuf::RepeatedPtrField<std::string>& people) {
  for (int i = 0; i < 4; ++i) *people.Add() = AnyPerson(dice);
}

// Most often one that lets things go on.
v1::LifecycleRule AnyLifecycleRule(Dice& dice) {
  v1::LifecycleRule rule;
  rule.set_review_required(dice.OneIn(3));
  if (dice.OneIn(3)) AnyPeople(dice, *rule.mutable_approvers());
  if (dice.OneIn(3)) AnyPeople(dice, *rule.mutable_releasers());
  rule.set_revision_scheme(static_cast<v1::RevisionScheme>(dice.Below(4)));
  rule.set_independent_review(dice.OneIn(3));
  rule.set_signature_required(dice.OneIn(8));
  return rule;
}

// Most often a latest one in that state.
std::string AnyVersionIn(Dice& dice, const Knowledge& known, v1::VersionState state) {
  const std::vector<std::string> names = known.LatestIn(state);
  return names.empty() || dice.OneIn(3) ? AnyVersionName(dice, known) : dice.EarlyOf(names);
}

}  // namespace

void SetSigningKeys(Dice& dice, v1::Project& project) {
  for (int i = 0; i < 8; ++i) {
    if (dice.OneIn(4)) continue;
    v1::SigningKey& key = *project.add_signing_keys();
    key.set_principal("client-" + std::to_string(i));
    key.set_public_key(PublicKeyOf(key.principal()));
  }
}

Request ChangeState(Dice& dice, const Knowledge& known) {
  const auto about = [&](auto request, v1::VersionState state) {
    request->set_name(AnyVersionIn(dice, known, state));
    request->set_comment(dice.OneIn(25) ? "" : "Reason " + std::to_string(dice.Below(4)));
    return request;
  };
  switch (dice.Below(8)) {
    case 0:
    case 1:
      return about(std::make_shared<v1::ApproveVersionRequest>(), v1::VERSION_STATE_DRAFT);
    case 2:
      return about(std::make_shared<v1::RevokeApprovalRequest>(), v1::VERSION_STATE_APPROVED);
    case 3:
      return about(std::make_shared<v1::ObsoleteVersionRequest>(), v1::VERSION_STATE_RELEASED);
    default: {
      const auto request = about(std::make_shared<v1::ReleaseVersionRequest>(), v1::VERSION_STATE_APPROVED);
      if (dice.OneIn(4)) request->set_step(static_cast<v1::RevisionStep>(1 + dice.Below(2)));
      return request;
    }
  }
}

Request RestoreVersion(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::RestoreVersionRequest>();
  request->set_name(AnyVersionName(dice, known));
  request->set_etag(AnyEtag(dice, known, DocumentNameIn(request->name())));
  if (dice.OneIn(2)) request->set_comment("Back to it");
  return request;
}

Request ChangeLifecycleRule(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::UpdateProjectRequest>();
  v1::Project& project = *request->mutable_project();
  project.set_name(Parent(known));
  if (!known.etags.empty() && dice.OneIn(3)) project.set_etag(dice.Of(known.etags));
  if (dice.OneIn(4)) {
    project.set_manager(AnyPerson(dice));
    request->mutable_update_mask()->add_paths("manager");
  } else if (dice.OneIn(4)) {
    SetSigningKeys(dice, project);
    request->mutable_update_mask()->add_paths("signing_keys");
  } else if (known.types.empty() || dice.OneIn(2)) {
    *project.mutable_lifecycle_rule() = AnyLifecycleRule(dice);
    request->mutable_update_mask()->add_paths("lifecycle_rule");
  } else {
    *project.mutable_document_types() = known.types;
    v1::DocumentType& type =
        *project.mutable_document_types(static_cast<int>(dice.Below(project.document_types_size())));
    if (dice.OneIn(2)) {
      type.clear_lifecycle_rule();
    } else {
      *type.mutable_lifecycle_rule() = AnyLifecycleRule(dice);
    }
    request->mutable_update_mask()->add_paths("document_types");
  }
  return request;
}

}  // namespace greffe::model
