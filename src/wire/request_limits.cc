// SPDX-License-Identifier: Apache-2.0
#include "wire/request_limits.h"

#include "base/format.h"

namespace kprobed::wire {
namespace {

/// Text goes on to functions of C (fnmatch(3)), where it would end at a NUL.
Result<void> check_text(const std::string& text, std::string_view field, std::size_t most) {
  if (text.size() > most)
    return Error(ErrorCode::too_long, format("{} may have {} bytes at most", field, most));
  if (text.find('\0') != std::string::npos)
    return Error(ErrorCode::usage, format("{} must not contain a NUL character", field));
  return {};
}

Result<void> check_spec(const std::string& spec) {
  return check_text(spec, "params.spec", kMaxSpecBytes);
}

Result<void> check_count(std::size_t count, std::string_view field) {
  if (count <= kMaxListItems) return {};
  return Error(ErrorCode::too_many,
               format("{} may have {} items at most, not {}", field, kMaxListItems, count));
}

Result<void> check_names(const std::vector<std::string>& names) {
  KPROBED_TRY_VOID(check_count(names.size(), "params.probes"));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string field = format("params.probes[{}]", i);
    KPROBED_TRY_VOID(check_text(names[i], field, kMaxNameBytes));
    if (names[i].empty()) return Error(ErrorCode::usage, field + " must not be empty");
  }
  return {};
}

struct Check {
  Result<void> operator()(const AddRequest& request) const { return check_spec(request.spec); }
  Result<void> operator()(const ApplyRequest& request) const { return check_spec(request.spec); }
  Result<void> operator()(const CheckRequest& request) const { return check_spec(request.spec); }

  // Neither would be a request about nothing, and both a contradiction: a program that forgot to
  // fill in its list must not remove everything.
  Result<void> operator()(const Selection& which) const {
    if (which.all != which.probes.empty())
      return Error(ErrorCode::usage, which.all ? "params.probes and params.all exclude each other"
                                               : "params.probes is missing or empty")
          .with_hint(R"(name probes: {"probes":["do_sys_*"]}, or take all of them: {"all":true})");
    return check_names(which.probes);
  }
  Result<void> operator()(const RemoveRequest& request) const { return (*this)(request.which); }
  Result<void> operator()(const EnableRequest& request) const { return (*this)(request.which); }
  Result<void> operator()(const DisableRequest& request) const { return (*this)(request.which); }

  Result<void> operator()(const SubscribeRequest& request) const {
    KPROBED_TRY_VOID(check_names(request.probes));
    KPROBED_TRY_VOID(check_count(request.pids.size(), "params.pids"));
    if (!request.resume) return {};
    return check_text(request.resume->stream, "params.resume.stream", kMaxNameBytes);
  }

  Result<void> operator()(const LedgerRequest& request) const {
    return check_names(request.probes);
  }
  Result<void> operator()(const ListRequest&) const { return {}; }
  Result<void> operator()(const StatusRequest&) const { return {}; }
  Result<void> operator()(const UnsubscribeRequest&) const { return {}; }
};

}  // namespace

Result<void> check_limits(const RequestBody& body) { return std::visit(Check{}, body); }

}  // namespace kprobed::wire
