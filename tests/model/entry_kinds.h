// What some registers have of their own.
#pragma once

#include "tests/model/entry_draft.h"

namespace greffe::model {

// What follows from the other fields.
void Compute(Message& entry);

void BeforeCreate(EntryDraft& draft, Message& entry, Flaws& flaws);
void BeforeUpdate(EntryDraft& draft, const Message& before, Message& entry, Flaws& flaws);
void BeforeTransition(EntryDraft& draft, Message& entry, Flaws& flaws);

}  // namespace greffe::model
