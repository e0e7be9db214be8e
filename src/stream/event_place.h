// SPDX-License-Identifier: Apache-2.0
//
// Where an event happened, as its line names it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stream/event_plan.h"

namespace kprobed::stream {

/// Did it happen when a function returned? Then the caller belongs to its line.
bool is_return(const Event& event);

/// Is the probe in a program, so that addresses are its own and no kernel symbol's?
bool is_in_program(const Event& event);

/// Do its lines name addresses of the kernel: callers, or fields that are shown as symbols?
bool names_addresses(const EventPlan& plan);

/// Has the probe an offset from its symbol? A tracepoint has none.
bool has_offset(const ProbeLabel& label);

/// The function (of one with several: that whose code holds the event's address) and the offset
/// from it; "" where there is none.
struct EventPlace {
  std::string_view symbol;
  std::uint64_t offset = 0;
};
EventPlace place_of(const Event& event);

/// An address of the kernel by the symbol that holds it; none for an event of a program.
AddressNames::Place name_address(const Event& event, std::uint64_t address,
                                 const AddressNames& names);

/// Where it returned to; an empty symbol where that has no name.
AddressNames::Place caller_of(const Event& event, const AddressNames& names);

/// "vfs_read+0x4/0x1f0 [module]", "0x1f" where no symbol is known: the kernel's %pS
/// (kernel/kallsyms.c, __sprint_symbol()). `append` makes the names fit to stand in `out`.
void append_symbolic(const AddressNames::Place& place, std::uint64_t address,
                     void (*append)(std::string_view name, std::string& out), std::string& out);

}  // namespace kprobed::stream
