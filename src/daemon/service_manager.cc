// SPDX-License-Identifier: Apache-2.0
#include "daemon/service_manager.h"

#include <systemd/sd-daemon.h>

#include "base/format.h"

namespace kprobed::daemon::service_manager {
namespace {

// Failure means that nobody listens, which is no failure.
void notify(const std::string& text) { (void)::sd_notify(0, text.c_str()); }

}  // namespace

void ready(std::string_view status) { notify(format("READY=1\nSTATUS={}", status)); }
void reloading() { notify("RELOADING=1"); }
void stopping() { notify("STOPPING=1\nSTATUS=removing probes"); }
void extend_timeout(std::chrono::seconds more) {
  notify(format("EXTEND_TIMEOUT_USEC={}", std::chrono::microseconds(more).count()));
}

}  // namespace kprobed::daemon::service_manager
