// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/stream_printer.h"

#include <map>

#include "kprobectl/event_table.h"
#include "wire/codec.h"

namespace kprobed::kprobectl {

namespace {

/// Byte for byte, not even parsed: a reader gets what it would get from the socket.
class PassOn : public StreamPrinter {
 public:
  explicit PassOn(bool about_stream) : about_stream_(about_stream) {}

  void begin(std::string_view hello_line, std::string& out) override {
    if (about_stream_) out += hello_line;
  }
  Result<void> line(std::string_view type, std::string_view line, std::string& out) override {
    if (about_stream_ || (type != "hello" && type != "schema")) out += line;
    return {};
  }

 private:
  bool about_stream_;
};

/// `Lines` is EventTable or EventTrace.
template <typename Lines>
class ForPeople : public StreamPrinter {
 public:
  void begin(std::string_view, std::string& out) override { out += Lines::header(); }

  Result<void> line(std::string_view, std::string_view line, std::string& out) override {
    KPROBED_TRY(wire::StreamLine stream_line, wire::decode_stream(line));
    if (auto* schema = std::get_if<wire::SchemaLine>(&stream_line)) {
      std::string probe = schema->probe;
      schemas_.insert_or_assign(std::move(probe), std::move(*schema));
      return {};
    }
    if (const auto* probe = std::get_if<wire::ProbeLine>(&stream_line);
        probe != nullptr && probe->state == "removed") {
      schemas_.erase(probe->probe);  // one of that name that comes later has a schema of its own
    }
    if (auto* event = std::get_if<wire::EventLine>(&stream_line)) {
      if (const auto known = schemas_.find(event->probe); known != schemas_.end())
        wire::apply_schema(known->second, *event);
    }
    lines_.append(stream_line, out);
    return {};
  }

 private:
  Lines lines_;
  std::map<std::string, wire::SchemaLine> schemas_;
};

}  // namespace

std::unique_ptr<StreamPrinter> StreamPrinter::make(OutputForm form, bool about_stream) {
  switch (form) {
    case OutputForm::table:
      return std::make_unique<ForPeople<EventTable>>();
    case OutputForm::trace:
      return std::make_unique<ForPeople<EventTrace>>();
    case OutputForm::json:
      break;
  }
  return std::make_unique<PassOn>(about_stream);
}

}  // namespace kprobed::kprobectl
