// SPDX-License-Identifier: Apache-2.0
#include "watch/uevents.h"

#include <gtest/gtest.h>

namespace kprobed::watch {
namespace {

using namespace std::string_literals;

TEST(Uevents, Messages) {
  struct Row {
    std::string message;
    std::optional<Uevent> event;
  };
  const Row rows[] = {
      // As 6.1 sends them.
      {"add@/module/dummy\0ACTION=add\0DEVPATH=/module/dummy\0SUBSYSTEM=module\0SEQNUM=1042\0"s,
       Uevent{"add", "module", "dummy"}},
      {"remove@/module/dummy\0ACTION=remove\0DEVPATH=/module/dummy\0SUBSYSTEM=module\0SEQNUM=9\0"s,
       Uevent{"remove", "module", "dummy"}},
      {"offline@/devices/system/cpu/cpu1\0ACTION=offline\0DEVPATH=/devices/system/cpu/cpu1\0"
       "SUBSYSTEM=cpu\0SEQNUM=7\0"s,
       Uevent{"offline", "cpu", "cpu1"}},
      // The last NUL is cut off.
      {"x\0ACTION=add\0DEVPATH=/module/a\0SUBSYSTEM=module"s, Uevent{"add", "module", "a"}},
      // udev's own begin otherwise and are not for us; nor is what lacks something.
      {"libudev\0\xfe\xed\xca\xfe"s, std::nullopt},
      {"add@/module/dummy\0ACTION=add\0DEVPATH=/module/dummy\0"s, std::nullopt},
      {"ACTION=add\0DEVPATH=/\0SUBSYSTEM=module\0"s, std::nullopt},
      {"", std::nullopt},
      {std::string(100, '\0'), std::nullopt},
  };
  for (const Row& row : rows) EXPECT_EQ(parse_uevent(row.message), row.event) << row.message;
}

}  // namespace
}  // namespace kprobed::watch
