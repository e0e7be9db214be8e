// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/text_output.h"

#include <cerrno>
#include <cstdio>

#include "kprobectl/exit_code.h"
#include "kprobectl/report.h"

namespace kprobed::kprobectl {

namespace {
int first_errno = 0;

void note_errno(bool failed) {
  if (failed && first_errno == 0) first_errno = errno != 0 ? errno : EIO;
}
}  // namespace

void write_out(std::string_view text) {
  errno = 0;
  note_errno(std::fwrite(text.data(), 1, text.size(), stdout) != text.size());
  note_errno(std::fflush(stdout) != 0);
}

int end_output() {
  if (first_errno == 0 || first_errno == EPIPE) return kDone;
  return report(system_error(first_errno, "write standard output"));
}

}  // namespace kprobed::kprobectl
