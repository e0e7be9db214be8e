// SPDX-License-Identifier: Apache-2.0
//
// What the tests of JSON lines write with: an encoder over a few names.
#pragma once

#include <gtest/gtest.h>

#include "make_event.h"
#include "stream/json_lines.h"

namespace kprobed::stream::test {

inline const ProbeLabel kEntry{"opens", 'p', "do_sys_openat2", 0, "p:opens do_sys_openat2"};

class JsonFixture : public testing::Test {
 protected:
  FewNames names_{{{0xffffffff81240000, "do_sys_openat2"},
                   {0xffffffff81250000, "do_sys_open"},
                   {0xffffffffc0001000, "dummy_xmit [dummy]"}}};
  WallClock clock_;
  JsonLines lines_{names_, clock_};
};

}  // namespace kprobed::stream::test
