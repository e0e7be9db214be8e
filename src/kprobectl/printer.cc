// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/printer.h"

#include "stream/json_lines.h"
#include "stream/text_lines.h"

namespace kprobed::kprobectl {

namespace {

/// `Lines` is one of stream's encoders.
template <typename Lines>
class PrinterOf : public Printer {
 public:
  PrinterOf(Lines lines, std::string& out) : lines_(std::move(lines)), out_(out) {}
  bool event(const stream::Event& event) override { return lines_.event(event, out_); }
  void lost(const stream::LostNote& note) override { lines_.lost(note, out_); }
  void header() override {
    if constexpr (requires { Lines::header(); }) out_ += Lines::header();
  }
  void schema(const stream::EventPlan& plan) override {
    if constexpr (requires { lines_.schema(plan, out_); }) lines_.schema(plan, out_);
  }

 private:
  Lines lines_;
  std::string& out_;
};

}  // namespace

std::unique_ptr<Printer> Printer::make(OutputForm form, const stream::AddressNames& names,
                                       stream::WallClock& clock, std::string& out) {
  switch (form) {
    case OutputForm::table:
      return std::make_unique<PrinterOf<stream::TableLines>>(stream::TableLines(names, clock), out);
    case OutputForm::trace:
      return std::make_unique<PrinterOf<stream::TraceLines>>(stream::TraceLines(names), out);
    case OutputForm::json:
      break;
  }
  return std::make_unique<PrinterOf<stream::JsonLines>>(stream::JsonLines(names, clock), out);
}

bool LimitedSink::event(const stream::Event& event) {
  if (reached()) return true;
  if (!next_.event(event)) return false;
  ++passed_;
  return true;
}

void LimitedSink::lost(const stream::LostNote& note) {
  lost_[note.stamp.cpu] += note.count;
  next_.lost(note);
}

std::uint64_t LimitedSink::lost_on(std::uint32_t cpu) const {
  const auto found = lost_.find(cpu);
  return found == lost_.end() ? 0 : found->second;
}

}  // namespace kprobed::kprobectl
