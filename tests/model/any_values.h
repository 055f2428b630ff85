// Values that operations are made of, at random; bad ones among them.
#pragma once

#include <string>
#include <vector>

#include "greffe/v1/common.pb.h"
#include "tests/model/board.h"

namespace greffe::model {

using Knowledge = Board::Knowledge;

// Few enough to meet again, some in each other's way.
const std::vector<std::string>& Paths();
std::string Parent(const Knowledge& known);
// A document's name; now and then of one that is not there.
std::string AnyName(Dice& dice, const Knowledge& known);
std::string AnyVersionName(Dice& dice, const Knowledge& known);
// The etag of a state heard of, now and then of a stale one or of another document; most often none.
std::string AnyEtag(Dice& dice, const Knowledge& known, const std::string& name);
v1::AsOf AnyMoment(Dice& dice, const Knowledge& known);
v1::FileSource AnySource(Dice& dice);
v1::Document AnyFields(Dice& dice);
v1::Document AnyNewDocument(Dice& dice);
// A principal: one of those who call here.
std::string AnyPerson(Dice& dice);
// Most often "".
std::string AnyChosenNumber(Dice& dice);

}  // namespace greffe::model
