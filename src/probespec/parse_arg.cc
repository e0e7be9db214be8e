// SPDX-License-Identifier: Apache-2.0
#include "probespec/parse_arg.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "probespec/check_arg.h"
#include "probespec/parse.h"
#include "probespec/parse_fetch.h"
#include "probespec/parse_type.h"

namespace kprobed::probespec {
namespace {

/// Fields that every event has already (kernel/trace/trace_probe.c reserved_field_names).
constexpr std::array<std::string_view, 8> kReservedNames = {
    "common_type", "common_flags", "common_preempt_count", "common_pid",
    "common_tgid", "__probe_ip",   "__probe_ret_ip",       "__probe_func"};

Result<void> check_name(const Token& token, const Token& equals) {
  const std::string_view name = token.text();
  if (name.empty()) {
    return blame(equals, ErrorCode::bad_name, "the name is missing before '='",
                 "write NAME=FETCH, or FETCH alone");
  }
  if (!is_identifier(name)) {
    return blame(token, ErrorCode::bad_name, quoted(name) + " cannot be a name",
                 "names are made of letters, digits and '_', and begin with no digit");
  }
  if (name.size() > kMaxArgNameBytes) {
    return blame(
        token, ErrorCode::too_long,
        format("the name has {} bytes, the kernel takes {}", name.size(), kMaxArgNameBytes),
        format("write {}", name.substr(0, kMaxArgNameBytes)));
  }
  if (std::find(kReservedNames.begin(), kReservedNames.end(), name) != kReservedNames.end()) {
    return blame(token, ErrorCode::bad_name, quoted(name) + " is a field of every event",
                 "choose another name");
  }
  return {};
}

}  // namespace

Result<FetchArg> parse_arg(const Token& token, const ProbeSpec& spec) {
  FetchArg arg;
  arg.span = token.span();
  Token body = token;
  if (const auto equals = token.text().find('='); equals != std::string_view::npos) {
    const Token name = token.part(0, equals);
    KPROBED_TRY_VOID(check_name(name, token.part(equals, 1)));
    arg.name = name.text();
    arg.name_span = name.span();
    body = token.part(equals + 1);
  }
  KPROBED_TRY(auto parsed, parse_fetch(body));
  arg.expr = std::move(parsed.expr);
  if (!parsed.rest.empty()) {
    KPROBED_TRY(arg.type, parse_type(parsed.rest));
  }
  const Token fetch = body.part(0, body.size() - parsed.rest.size());
  KPROBED_TRY_VOID(check_arg(arg, spec, {token, body, fetch, parsed.word, parsed.rest.part(1)}));
  return arg;
}

}  // namespace kprobed::probespec
