// What marie writes into the registers of the project on the days of the story.
#pragma once

#include <memory>
#include <string>

#include "greffe/v1/registers.grpc.pb.h"
#include "tests/scenario/caller.h"
#include "tests/scenario/spreadsheet.h"

namespace greffe {

class Office {
 public:
  explicit Office(const std::shared_ptr<grpc::Channel>& channel) : registers_(channel), spreadsheet_(channel) {}

  void KickOff();          // risks, budget, a first meeting
  void CarryOver();        // what was kept in spreadsheets
  void SecondMeeting();    // what was still to be done is carried over; a risk has come true
  void AskForChange();     // a change request, assessed and approved
  void CheckBeforeGate();  // a checklist's run
  void ReportCosts();
  void EditInSpreadsheet();  // the risks, as a table, and back
  void CloseDown();          // what is open is closed, lessons are kept

 private:
  // Of an entry as JSON says it.
  v1::Entry Add(const std::string& json);
  v1::Entry Update(const std::string& json, const std::string& path);
  void Move(const std::string& entry, const std::string& state, const std::string& comment);

  Caller<v1::Registers> registers_;
  Spreadsheet spreadsheet_;
};

}  // namespace greffe
