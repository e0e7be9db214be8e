// SPDX-License-Identifier: Apache-2.0
#include "ringbuf/refusal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace kprobed::ringbuf {
namespace {

using testing::HasSubstr;

struct Row {
  int err;
  ErrorCode code;
  std::string says, hint;
};

void expect(const Row& row, const Error& error) {
  EXPECT_EQ(error.sys_errno, row.err) << errno_name(row.err);
  EXPECT_EQ(word(error.code), word(row.code)) << errno_name(row.err);
  EXPECT_THAT(error.message, HasSubstr(row.says)) << errno_name(row.err);
  EXPECT_THAT(error.hint, HasSubstr(row.hint)) << errno_name(row.err);
}

TEST(ExplainOpen, SaysWhatEachErrnoMeans) {
  const Row rows[] = {
      {EACCES, ErrorCode::no_permission, "not allowed to open event 7", "CAP_PERFMON"},
      {EPERM, ErrorCode::no_permission, "not allowed to open event 7", "perf_event_paranoid"},
      {EMFILE, ErrorCode::exhausted, "no file descriptor left for event 7", "RLIMIT_NOFILE"},
      {ENFILE, ErrorCode::exhausted, "event 7", "file-max"},
      {ENOMEM, ErrorCode::exhausted, "no kernel memory for event 7", ""},
      {ENODEV, ErrorCode::not_found, "cannot open event 7: the CPU is offline", ""},
      {EINTR, ErrorCode::busy, "event 7 is in use by ftrace", "second event"},
      {EBUSY, ErrorCode::busy, "event 7 is in use", ""},
      {EINVAL, ErrorCode::kernel_refused, "does not know event 7", ""},
      {E2BIG, ErrorCode::unsupported, "too old for the settings of event 7", ""},
      {ENOENT, ErrorCode::unsupported, "perf cannot do event 7", "CONFIG_EVENT_TRACING"},
      {EOPNOTSUPP, ErrorCode::unsupported, "perf cannot do event 7", "CONFIG_PERF_EVENTS"},
      {ENOSYS, ErrorCode::unsupported, "no perf_event_open", "CONFIG_PERF_EVENTS"},
      {EIO, ErrorCode::io, "perf_event_open of event 7", ""},
  };
  for (const Row& row : rows) expect(row, explain_open(row.err, "event 7"));
}

TEST(ExplainFilter, SaysWhatEachErrnoMeans) {
  struct FilterRow {
    int err;
    ErrorCode code;
    const char* says;
    int shown;  // the errno that the Error carries: none whose usual text misleads
  };
  const FilterRow rows[] = {
      {EINVAL, ErrorCode::syntax, "a field that the event has not", 0},
      {EPERM, ErrorCode::syntax, "where '&&' or '||' should", 0},
      {ENOENT, ErrorCode::syntax, "a '(' is not closed", 0},
      {ESRCH, ErrorCode::syntax, "a quote is not closed", 0},
      {ENOSPC, ErrorCode::too_many, "too many conditions", 0},
      {E2BIG, ErrorCode::too_many, "too many conditions", 0},
      {EEXIST, ErrorCode::internal, "has one already", 0},
      {ENOMEM, ErrorCode::exhausted, "no kernel memory", ENOMEM},
      {ENOTTY, ErrorCode::io, "set the filter 'n == 1'", ENOTTY},
  };
  for (const FilterRow& row : rows) {
    const Error error = explain_filter(row.err, "n == 1");
    EXPECT_EQ(word(error.code), word(row.code)) << errno_name(row.err);
    EXPECT_THAT(error.message, HasSubstr(row.says)) << errno_name(row.err);
    EXPECT_THAT(error.message, HasSubstr("'n == 1'")) << errno_name(row.err);
    EXPECT_EQ(error.sys_errno, row.shown) << errno_name(row.err);
  }
}

TEST(ExplainRedirect, SaysWhatEachErrnoMeans) {
  expect({EINVAL, ErrorCode::kernel_refused, "another CPU, another clock", ""},
         explain_redirect(EINVAL));
  expect({EBADF, ErrorCode::io, "redirect a perf event", ""}, explain_redirect(EBADF));
}

TEST(ExplainMmap, SaysWhatEachErrnoMeans) {
  const Row rows[] = {
      {EPERM, ErrorCode::exhausted, "lock 4096 bytes of memory for ring 1",
       "perf_event_mlock_kb or RLIMIT_MEMLOCK"},
      {ENOMEM, ErrorCode::exhausted, "no memory for 4096 bytes of ring 1", "smaller rings"},
      {EBUSY, ErrorCode::busy, "mmap of 4096 bytes of ring 1", ""},
  };
  for (const Row& row : rows) expect(row, explain_mmap(row.err, 4096, "ring 1"));
}

}  // namespace
}  // namespace kprobed::ringbuf
