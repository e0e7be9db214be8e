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

TEST(ExplainRedirect, SaysWhatEachErrnoMeans) {
  expect({EINVAL, ErrorCode::kernel_refused, "another CPU, another clock", ""},
         explain_redirect(EINVAL));
  expect({EBADF, ErrorCode::io, "redirect a perf event", ""}, explain_redirect(EBADF));
}

TEST(ExplainMmap, SaysWhatEachErrnoMeans) {
  const Row rows[] = {
      {EPERM, ErrorCode::no_permission, "lock 4096 bytes of memory for ring 1",
       "perf_event_mlock_kb or RLIMIT_MEMLOCK"},
      {ENOMEM, ErrorCode::exhausted, "no memory for 4096 bytes of ring 1", "smaller rings"},
      {EBUSY, ErrorCode::busy, "mmap of 4096 bytes of ring 1", ""},
  };
  for (const Row& row : rows) expect(row, explain_mmap(row.err, 4096, "ring 1"));
}

}  // namespace
}  // namespace kprobed::ringbuf
