// Traffic lights of projects: what figures come to. Functions of values alone; the rules are told in
// proto/greffe/v1/reports.proto, at service Reports.
#pragma once

#include <string>
#include <vector>

#include "greffe/v1/reports.pb.h"
#include "storage/base/language.h"

namespace greffe {

// The worst first, then in the order of their kinds; each with its English text.
std::vector<v1::StatusReason> ReasonsOf(const v1::StatusFigures& figures);

// GREEN when there are none.
v1::TrafficLight LightOf(const std::vector<v1::StatusReason>& reasons);

// The reason as a sentence without a full stop.
std::string ReasonText(const v1::StatusReason& reason, Language language);

// The figures of a collection; empty ones when it has none.
const v1::CollectionFigures& FiguresOf(const v1::StatusFigures& figures, const std::string& collection);
// How many of a collection are in the state of that short name.
std::int64_t CountIn(const v1::CollectionFigures& figures, const std::string& state);

}  // namespace greffe
