// SPDX-License-Identifier: Apache-2.0
//
// What the running kernel refuses, and how that is told. Needs root, to give it up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "live_ring.h"
#include "ringbuf/attached_event.h"
#include "self_uprobe.h"

namespace kprobed::ringbuf {
namespace {

using testing::HasSubstr;

/// "opened", or all of the error.
template <typename T>
std::string outcome(const Result<T>& result) {
  return result.ok() ? "opened" : render(result.error());
}

/// perf_event_paranoid; -1 allows everything to everybody, which leaves nothing to refuse.
bool kernel_is_permissive() {
  const auto text = read_file("/proc/sys/kernel/perf_event_paranoid");
  return text.ok() && trim(*text) == "-1";
}

TEST(Refusals, OfAnEventNobodyKnows) {
  const auto fd = open_trace_event(65535, 0);
  ASSERT_FALSE(fd.ok());
  EXPECT_EQ(fd.error().code, ErrorCode::kernel_refused);
  EXPECT_EQ(fd.error().sys_errno, EINVAL);
  EXPECT_THAT(fd.error().message, HasSubstr("trace event 65535 on CPU 0"));
}

TEST(Refusals, OfACpuThatIsNotThere) {
  const auto ring = MappedRing::open(60'000, {.data_bytes = 4096});
  ASSERT_FALSE(ring.ok());
  EXPECT_THAT(ring.error().sys_errno, testing::AnyOf(EINVAL, ENODEV));
}

TEST(Refusals, OfRingSizesThatCannotBe) {
  for (const std::size_t bytes :
       {std::size_t{0}, std::size_t{8}, std::size_t{4097}, std::size_t{12288}, ~std::size_t{0}}) {
    const auto ring = MappedRing::open(0, {.data_bytes = bytes});
    ASSERT_FALSE(ring.ok()) << bytes;
    EXPECT_EQ(ring.error().code, ErrorCode::bad_number);
  }
}

TEST(Refusals, OfAnEventWithoutRings) {
  const auto event = AttachedEvent::open(1, std::vector<RingTarget>());
  ASSERT_FALSE(event.ok());
  EXPECT_EQ(event.error().code, ErrorCode::not_found);
}

TEST(Refusals, WhenDescriptorsRunOut) {
  const auto answer = in_child([] {
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    ::setrlimit(RLIMIT_NOFILE, &none);
    return outcome(open_leader(0, false, 0));
  });
  ASSERT_TRUE(answer.ok());
  EXPECT_THAT(*answer, HasSubstr("no file descriptor left for the ring's leader on CPU 0"));
  EXPECT_THAT(*answer, HasSubstr("RLIMIT_NOFILE"));
}

TEST(Refusals, WithoutRights) {
  ASSERT_FALSE(kernel_is_permissive()) << "perf_event_paranoid is -1: nothing is refused here";
  const auto answer = in_child([] {
    constexpr uid_t kNobody = 65534;
    if (::setresuid(kNobody, kNobody, kNobody) != 0) return std::string("setresuid failed");
    return outcome(open_leader(0, true, 0));
  });
  ASSERT_TRUE(answer.ok());
  EXPECT_THAT(*answer, HasSubstr("not allowed to open the ring's leader on CPU 0"));
  EXPECT_THAT(*answer, HasSubstr("CAP_PERFMON"));
}

TEST(Refusals, WithoutLockedMemory) {
  ASSERT_FALSE(kernel_is_permissive()) << "perf_event_paranoid is -1: nothing is refused here";
  const auto answer = in_child([] {
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    ::setrlimit(RLIMIT_MEMLOCK, &none);
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    __user_cap_data_struct sets[2] = {};
    if (::syscall(SYS_capget, &header, sets) != 0) return std::string("capget failed");
    sets[0].effective &= ~(1U << CAP_IPC_LOCK);
    if (::syscall(SYS_capset, &header, sets) != 0) return std::string("capset failed");
    return outcome(MappedRing::open(0, {.data_bytes = std::size_t{64} << 20}));
  });
  ASSERT_TRUE(answer.ok());
  EXPECT_THAT(*answer, HasSubstr("lock 67108864 bytes of memory for the ring of CPU 0"));
  EXPECT_THAT(*answer, HasSubstr("perf_event_mlock_kb"));
}

TEST(OnlineCpus, HoldTheOneWeRunOn) {
  const auto cpus = online_cpus();
  ASSERT_TRUE(cpus.ok()) << describe(cpus.error());
  for (const unsigned cpu : *cpus) EXPECT_TRUE(pin_to(cpu).ok()) << cpu;
  EXPECT_EQ(cpus->size(), static_cast<std::size_t>(::sysconf(_SC_NPROCESSORS_ONLN)));
}

}  // namespace
}  // namespace kprobed::ringbuf
