// Entries of registers, and what is said of them, at random; bad ones among them.
#pragma once

#include <string>

#include "tests/model/any_values.h"
#include "tests/model/registers.h"

namespace greffe::model {

const Register& AnyRegister(Dice& dice);
// Of one that was heard of, now and then of one that is not there.
std::string AnyEntryName(Dice& dice, const Knowledge& known);
// Its etag, or a former one, or none; most often none.
std::string AnyEntryEtag(Dice& dice, const Knowledge& known, const std::string& name);
// Values for a new entry, or for an update of the one of that name.
EntryPtr AnyEntry(Dice& dice, const Knowledge& known, const Register& entries, const std::string& name = "");
// Most often "".
std::string AnyChosenId(Dice& dice, const Register& entries);

}  // namespace greffe::model
