// Documents as people read them.
#pragma once

#include "clients/cli/session.h"

namespace greffe::cli {

// A document with its latest version: a sheet, or JSON.
void PrintDocument(Session& session, const v1::Document& document);

}  // namespace greffe::cli
