// SPDX-License-Identifier: Apache-2.0
//
// What must hold for any bytes at all. libFuzzer calls it in fuzz_wire (a clang build);
// hostile_test.cc calls it with random bytes in every build, so that it cannot rot.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "any_line.h"
#include "wire/codec.h"
#include "wire/raw_result.h"
#include "wire/state.h"

namespace kprobed::wire {
namespace {

void require(bool holds, const char* what, std::string_view line) {
  if (holds) return;
  std::fprintf(stderr, "%s: does not hold for these %zu bytes:\n", what, line.size());
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::abort();
}

bool is_one_line(std::string_view text) {
  return !text.empty() && text.find('\n') == text.size() - 1;
}

bool is_short(const Error& error) {
  return !error.message.empty() && error.message.size() + error.hint.size() < 400;
}

void check_refusal(const BadRequest& bad, std::string_view line) {
  require(is_short(bad.error), "a refusal says why, shortly", line);
  const WireError sent = to_wire(bad.error);
  const std::string reply = encode_error(bad.id, sent);
  require(is_one_line(reply), "a refusal is one line", line);
  const auto kind = classify(reply);
  require(kind.ok() && kind->kind == ServerLine::Kind::error && kind->id == bad.id,
          "a refusal carries the id", line);
  const auto back = decode_error(reply);
  require(back.ok() && back->code == sent.code, "a refusal can be read", line);
}

void check_request(const Request& request, std::string_view line) {
  const std::string again = encode_request(request);
  require(is_one_line(again), "a request is one line", line);
  const auto back = decode_request(again);
  const auto* same = std::get_if<Request>(&back);
  require(same != nullptr && *same == request, "a request is read as it was written", line);
}

template <typename T>
void check_result(const Result<T>& result, std::string_view line) {
  require(result.ok() || is_short(result.error()), "an error says why, shortly", line);
}

}  // namespace

void check_any_line(std::string_view line) {
  const auto request = decode_request(line);
  if (const auto* bad = std::get_if<BadRequest>(&request))
    check_refusal(*bad, line);
  else
    check_request(std::get<Request>(request), line);

  const auto kind = classify(line);
  check_result(kind, line);
  if (kind.ok() && kind->kind == ServerLine::Kind::reply)
    require(!raw_result(line).empty(), "a reply has a result", line);
  check_result(decode_hello(line), line);
  check_result(decode_error(line), line);
  check_result(decode_reply<AddReply>(line), line);
  check_result(decode_reply<NamesReply>(line), line);
  check_result(decode_reply<ApplyReply>(line), line);
  check_result(decode_reply<CheckReply>(line), line);
  check_result(decode_reply<SubscribeReply>(line), line);
  check_result(decode_reply<StatusReply>(line), line);
  check_result(decode_stream(line), line);
  check_result(decode_event(line), line);
  check_result(decode_state(line), line);
  require(peek_type(line).size() <= line.size(), "a peek stays inside", line);
}

}  // namespace kprobed::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kprobed::wire::check_any_line({reinterpret_cast<const char*>(data), size});
  return 0;
}
