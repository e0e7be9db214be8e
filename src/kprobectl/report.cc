// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/report.h"

#include <cstdio>
#include <string>

#include "base/format.h"
#include "engine/explain.h"
#include "kprobectl/exit_code.h"

namespace kprobed::kprobectl {

namespace {

void write_error(const std::string& text) { std::fputs(text.c_str(), stderr); }

}  // namespace

int report(const Error& error) {
  write_error(error.span.known() ? render(error) : "kprobectl: " + render(error));
  return exit_code_of(error);
}

int report(const std::vector<Error>& errors) {
  int status = 0;
  for (const Error& error : errors) {
    const int code = report(error);
    if (status == 0) status = code;
  }
  return status;
}

void report_remarks(const std::vector<resolve::Remark>& remarks) {
  write_error(engine::render(remarks));
}

void report_note(const Span& span, std::string_view message, std::string_view hint) {
  write_error(render_at(span, format("note: {}", message), hint));
}

void say(std::string_view text) { write_error(format("kprobectl: {}\n", text)); }

}  // namespace kprobed::kprobectl
