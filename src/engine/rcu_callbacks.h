// SPDX-License-Identifier: Apache-2.0
//
// Where the kernel frees what ended tasks leave behind (RCU callbacks): in interrupts, or in
// threads.
#pragma once

#include <string>

namespace kprobed::engine {

/// On machines whose kprobe handlers run with interrupts on (ArchAbi::interrupted_in_probes) it
/// decides whether kprobes are safe: a callback that frees a task (kprobe_flush_task,
/// kernel/kprobes.c) forgets the probe that is being handled on that CPU, and the kernel dies of a
/// breakpoint that nobody owns. True unless every CPU's callbacks run in a thread:
/// rcutree.use_softirq=0, or rcu_nocbs= with all CPUs, on the kernel's command line. `sys`, `proc`:
/// where those file systems are.
bool rcu_callbacks_in_interrupts(const std::string& sys = "/sys",
                                 const std::string& proc = "/proc");

}  // namespace kprobed::engine
