// SPDX-License-Identifier: Apache-2.0
//
// What systemd wants to hear (sd_notify(3)). Nothing happens where nobody listens.
#pragma once

#include <chrono>
#include <string_view>

namespace kprobed::daemon::service_manager {

void ready(std::string_view status);
void reloading();
void stopping();
/// We are still at it: start or stop may take `more` from now on.
void extend_timeout(std::chrono::seconds more);

}  // namespace kprobed::daemon::service_manager
