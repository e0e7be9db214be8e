// SPDX-License-Identifier: Apache-2.0
#include "wire/codec.h"
#include "wire/field_writer.h"
#include "wire/fields.h"
#include "wire/methods.h"

namespace kprobed::wire {
namespace {

template <typename T>
void append(const T& message, std::string& out) {
  FieldWriter(out).write(message);
}

template <typename T>
std::string typed_line(std::string_view type, const T& message) {
  std::string out = "{";
  FieldWriter writer(out);
  writer.required("type", std::string(type));
  describe(writer, message);
  return out + "}\n";
}

std::string answer(const std::string& id, std::string_view key) {
  return R"({"id":)" + (id.empty() ? "null" : id) + R"(,")" + std::string(key) + R"(":)";
}

}  // namespace

std::string encode_hello(const Hello& hello) { return typed_line("hello", hello); }
std::string encode_gap(const GapLine& line) { return typed_line("gap", line); }

std::string encode_reply(const std::string& id, const ReplyBody& body) {
  std::string out = answer(id, "result");
  std::visit([&out](const auto& reply) { append(reply, out); }, body);
  return out + "}\n";
}

std::string encode_error(const std::string& id, const WireError& error) {
  std::string out = answer(id, "error");
  append(error, out);
  return out + "}\n";
}

std::string encode_progress(const std::string& id, const Progress& progress) {
  std::string out = "{";
  FieldWriter writer(out);
  writer.required("type", std::string("progress"));
  out += R"(,"id":)" + (id.empty() ? "null" : id);
  describe(writer, progress);
  return out + "}\n";
}

std::string encode_report(const CheckReport& report) {
  std::string out;
  append(report, out);
  return out + '\n';
}

std::string encode_report(const DisassemblyReport& report) {
  std::string out;
  append(report, out);
  return out + '\n';
}

std::string encode_request(const Request& request) {
  std::string params;
  std::visit([&params](const auto& body) { append(body, params); }, request.body);
  std::string out = R"({"id":)" + (request.id.empty() ? "null" : request.id) + R"(,"method":")";
  out += method_name(request.body);
  out += '"';
  if (params != "{}") out += R"(,"params":)" + params;
  return out + "}\n";
}

std::string_view method_name(const RequestBody& body) { return kMethodNames[body.index()]; }

}  // namespace kprobed::wire
