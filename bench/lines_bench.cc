// SPDX-License-Identifier: Apache-2.0
//
// From a record's bytes to its line, in memory: the fast encoder, the plain one, and beside them in
// the same run what one would write with nlohmann::ordered_json or fmt, and memcpy as the limit.
// Every walker makes the same bytes, which is checked before anything is measured. `Args` is the
// record decoded and its arguments as one JSON object; `Line` the whole event line of
// docs/protocol.md.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "captured.h"
#include "decode/record.h"
#include "stream/json_encoder.h"
#include "stream/json_lines.h"
#include "stream/json_values.h"

namespace kprobed::bench {
namespace {

using decode::Show;
using nlohmann::ordered_json;

constexpr std::string_view kComm = "puppet";
constexpr std::int64_t kWallOffset = 1'763'891'167'000'000'000;

Captured three_arguments() {
  return captured("6.1/kprobes/__x64_sys_dup3", {{"di", "di", {.show = Show::signed_number}},
                                                 {"si", "si", {.show = Show::signed_number}},
                                                 {"w", "w", {.show = Show::unsigned_number}}});
}

Captured four_with_hex() {
  return captured("6.1/kprobes/do_sys_openat2", {{"a1", "a1", {.show = Show::hex}},
                                                 {"a2", "a2", {.show = Show::hex}},
                                                 {"ip", "__probe_ip", {.show = Show::hex}},
                                                 {"a3", "a3", {.show = Show::signed_number}}});
}

Captured with_string(std::string_view text) {
  Captured out = captured("6.1/kprobes/do_sys_openat2",
                          {{"a1", "a1", {.show = Show::hex}}, {"s", "s", {.show = Show::text}}});
  replace_text(out, 1, text);
  return out;
}

Captured sixteen_bytes() { return with_string("/etc/passwd.orig"); }
Captured sixteen_escaped() { return with_string("/etc/\"pass\\word"); }

// ---- what others would write
// ---------------------------------------------------------------------

ordered_json args_by_nlohmann(const stream::Event& event) {
  ordered_json args = ordered_json::object();
  const decode::FieldPlan& fields = event.plan->fields;
  for (const decode::FieldOp& op : fields.ops) {
    if (op.shape.show == Show::text) {
      args[op.name] = decode::read_text(op, event.raw, fields.order).text;
      continue;
    }
    const std::uint64_t number = decode::read_number(op, event.raw.data(), fields.order);
    if (op.shape.show == Show::hex)
      args[op.name] = fmt::format("0x{:x}", number);
    else if (op.shape.show == Show::signed_number)
      args[op.name] = static_cast<std::int64_t>(number);
    else
      args[op.name] = number;
  }
  return args;
}

/// "2025-11-23T09:46:07.": both rivals are spared the calendar, as our own encoders are.
std::string second_text(std::uint64_t time_ns) {
  static stream::WallClock clock = [] {
    stream::WallClock made;
    made.set_offset(kWallOffset);
    return made;
  }();
  std::string text;
  clock.append(time_ns, text);
  return text;
}

void line_by_nlohmann(const stream::Event& event, std::string& out) {
  ordered_json line;
  line["type"] = "event";
  line["seq"] = event.seq;
  line["time"] = second_text(event.stamp.time_ns);
  line["ts"] = event.stamp.time_ns;
  line["cpu"] = event.stamp.cpu;
  line["pid"] = event.stamp.pid;
  line["tid"] = event.stamp.tid;
  line["comm"] = event.comm;
  line["probe"] = event.plan->label.name;
  line["kind"] = std::string(1, event.plan->label.kind);
  line["symbol"] = event.plan->label.symbol;
  line["offset"] = event.plan->label.offset;
  line["args"] = args_by_nlohmann(event);
  out += line.dump();
  out += '\n';
}

void args_by_fmt(const stream::Event& event, std::string& out) {
  auto end = std::back_inserter(out);
  const decode::FieldPlan& fields = event.plan->fields;
  const char* comma = "{";
  for (const decode::FieldOp& op : fields.ops) {
    fmt::format_to(end, "{}\"{}\":", comma, op.name);
    comma = ",";
    if (op.shape.show == Show::text) {
      // What fmt cannot do is left to our own.
      stream::append_json_string(decode::read_text(op, event.raw, fields.order).text, out);
      continue;
    }
    const std::uint64_t number = decode::read_number(op, event.raw.data(), fields.order);
    if (op.shape.show == Show::hex)
      fmt::format_to(end, "\"0x{:x}\"", number);
    else if (op.shape.show == Show::signed_number)
      fmt::format_to(end, "{}", static_cast<std::int64_t>(number));
    else
      fmt::format_to(end, "{}", number);
  }
  out += '}';
}

void line_by_fmt(const stream::Event& event, std::string& out) {
  fmt::format_to(std::back_inserter(out),
                 R"({{"type":"event","seq":{},"time":"{}","ts":{},"cpu":{},"pid":{},"tid":{},)"
                 R"("comm":"{}","probe":"{}","kind":"{}","symbol":"{}","offset":{},"args":)",
                 event.seq, second_text(event.stamp.time_ns), event.stamp.time_ns, event.stamp.cpu,
                 event.stamp.pid, event.stamp.tid, event.comm, event.plan->label.name,
                 event.plan->label.kind, event.plan->label.symbol, event.plan->label.offset);
  args_by_fmt(event, out);
  out += "}\n";
}

// ---- one interface over all of them
// --------------------------------------------------------------

enum class Way { fast, plain, nlohmann, fmt };

/// Appends to a buffer that is emptied before it would leave the cache.
class Walker {
 public:
  Walker() { clock_.set_offset(kWallOffset); }

  template <Way way>
  void line(const stream::Event& event) {
    if constexpr (way == Way::fast) encoder_.event(event, buffer_);
    if constexpr (way == Way::plain) lines_.event(event, text_);
    if constexpr (way == Way::nlohmann) line_by_nlohmann(event, text_);
    if constexpr (way == Way::fmt) line_by_fmt(event, text_);
  }

  template <Way way>
  void args(const stream::Event& event) {
    if constexpr (way == Way::fast) encoder_.args(event, buffer_);
    if constexpr (way == Way::plain) stream::append_args(event, names_, text_);
    if constexpr (way == Way::nlohmann) text_ += args_by_nlohmann(event).dump();
    if constexpr (way == Way::fmt) args_by_fmt(event, text_);
  }

  std::string take() {
    std::string out = text_ + std::string(buffer_.view());
    text_.clear();
    buffer_.clear();
    return out;
  }
  std::size_t drop() {
    const std::size_t bytes = text_.size() + buffer_.size();
    benchmark::DoNotOptimize(buffer_.data());
    benchmark::DoNotOptimize(text_.data());
    text_.clear();
    buffer_.clear();
    return bytes;
  }

 private:
  stream::AddressNames names_;
  stream::WallClock clock_;
  stream::JsonEncoder encoder_{names_, clock_};
  stream::JsonLines lines_{names_, clock_};
  stream::LineBuffer buffer_;
  std::string text_;
};

constexpr std::size_t kRecords = 1024;

stream::Event decoded(const ByteVector& record, const stream::EventPlan& plan, std::uint64_t seq,
                      decode::Record& parsed) {
  decode::parse_record(record, parsed);
  const auto& sample = *std::get_if<decode::Sample>(&parsed);
  // As the pump passes them on, in registers.
  const Bytes raw(sample.raw.data(), sample.raw.size());
  return {.plan = &plan, .stamp = sample.stamp, .raw = raw, .seq = seq, .comm = kComm};
}

void require_same(const std::string& a, const std::string& b) {
  if (a == b) return;
  std::cerr << "not the same bytes:\n" << a << b;
  std::exit(1);
}

/// All ways say the same of this record.
void check(const Captured& captured) {
  Walker walker;
  decode::Record parsed;
  const stream::Event event = decoded(captured.record, captured.plan, 123'456, parsed);
  walker.line<Way::plain>(event);
  const std::string line = walker.take();
  walker.line<Way::fast>(event);
  require_same(walker.take(), line);
  walker.line<Way::nlohmann>(event);
  require_same(walker.take(), line);
  walker.line<Way::fmt>(event);
  require_same(walker.take(), line);
}

template <typename Each>
void measure(benchmark::State& state, Captured (*make)(), Each each) {
  const Captured captured = make();
  check(captured);
  const std::vector<ByteVector> records = many(captured, 0, kRecords);
  Walker walker;
  std::uint64_t seq = 100'000;
  std::size_t bytes = 0;
  decode::Record parsed;
  for (auto _ : state) {
    for (const ByteVector& record : records)
      each(walker, decoded(record, captured.plan, ++seq, parsed));
    bytes += walker.drop();
  }
  const auto events = static_cast<double>(state.iterations() * kRecords);
  state.counters["ns"] =
      benchmark::Counter(events / 1e9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["bytes"] = static_cast<double>(bytes) / events;
}

template <Way way>
void args(benchmark::State& state, Captured (*make)()) {
  measure(state, make, [](Walker& walker, const stream::Event& event) { walker.args<way>(event); });
}

template <Way way>
void line(benchmark::State& state, Captured (*make)()) {
  measure(state, make, [](Walker& walker, const stream::Event& event) { walker.line<way>(event); });
}

/// The limit: the line's bytes, copied.
void copied(benchmark::State& state, Captured (*make)()) {
  const Captured captured = make();
  Walker walker;
  decode::Record parsed;
  walker.line<Way::plain>(decoded(captured.record, captured.plan, 123'456, parsed));
  const std::string text = walker.take();
  std::vector<char> out(text.size() * kRecords);
  for (auto _ : state) {
    for (std::size_t i = 0; i < kRecords; ++i)
      std::memcpy(&out[i * text.size()], text.data(), text.size());
    benchmark::ClobberMemory();
  }
  const auto events = static_cast<double>(state.iterations() * kRecords);
  state.counters["ns"] =
      benchmark::Counter(events / 1e9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["bytes"] = static_cast<double>(text.size());
}

template <Way way>
void add(const std::string& name, const std::string& way_name, Captured (*make)()) {
  benchmark::RegisterBenchmark(("args/" + name + "/" + way_name).c_str(), args<way>, make);
  benchmark::RegisterBenchmark(("line/" + name + "/" + way_name).c_str(), line<way>, make);
}

const bool kAdded = [] {
  benchmark::AddCustomContext(
      "nlohmann", fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                              NLOHMANN_JSON_VERSION_PATCH));
  benchmark::AddCustomContext("fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000,
                                                 FMT_VERSION / 100 % 100, FMT_VERSION % 100));
  const std::pair<const char*, Captured (*)()> kInputs[] = {{"three_arguments", three_arguments},
                                                            {"four_with_hex", four_with_hex},
                                                            {"sixteen_bytes", sixteen_bytes},
                                                            {"sixteen_escaped", sixteen_escaped}};
  for (const auto& [name, make] : kInputs) {
    add<Way::fast>(name, "fast", make);
    add<Way::plain>(name, "plain", make);
    add<Way::fmt>(name, "fmt", make);
    add<Way::nlohmann>(name, "nlohmann", make);
    benchmark::RegisterBenchmark((std::string("line/") + name + "/memcpy").c_str(), copied, make);
  }
  return true;
}();

}  // namespace
}  // namespace kprobed::bench
