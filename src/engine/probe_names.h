// SPDX-License-Identifier: Apache-2.0
//
// What users call their probes: the symbol, "_ret" behind it for return probes, the offset if there
// is one, and a number where that name is taken.
#pragma once

#include <set>
#include <string>

#include "probespec/spec.h"

namespace kprobed::engine {

/// "do_sys_openat2", "do_sys_openat2_ret", "vfs_read+0x10", "0xffffffff81234560", "tcp_v4_*",
/// "sched_switch", "bash:0x1234"; or the EVENT or GROUP/EVENT that the spec gives.
std::string default_probe_name(const probespec::ProbeSpec& spec);

/// `wanted`, or "wanted_2", "wanted_3", ...: the first that is not in `taken`; puts it there.
std::string unique_probe_name(const std::string& wanted, std::set<std::string>& taken);

}  // namespace kprobed::engine
