// SPDX-License-Identifier: Apache-2.0
#include "ringbuf/refusal.h"

#include <cerrno>

#include "base/format.h"

namespace kprobed::ringbuf {

Error explain_open(int err, std::string_view what) {
  switch (err) {
    case EACCES:  // perf_allow_cpu(), perf_allow_kernel()
    case EPERM:   // perf_allow_tracepoint(), an LSM, seccomp
      return Error(ErrorCode::no_permission, format("not allowed to open {}", what))
          .with_errno(err)
          .with_hint(
              "run as root or with CAP_PERFMON; /proc/sys/kernel/perf_event_paranoid -1 allows "
              "it to everybody");
    case EMFILE:
      return Error(ErrorCode::exhausted, format("no file descriptor left for {}", what))
          .with_errno(err)
          .with_hint(
              "raise RLIMIT_NOFILE (ulimit -n, LimitNOFILE=): a probe takes one descriptor per "
              "CPU, and so do the rings");
    case ENFILE:
      return Error(ErrorCode::exhausted, format("no file left on this system for {}", what))
          .with_errno(err)
          .with_hint("raise /proc/sys/fs/file-max");
    case ENOMEM:
      return Error(ErrorCode::exhausted, format("no kernel memory for {}", what)).with_errno(err);
    case ENODEV:  // find_get_context(): cpu_online()
      return Error(ErrorCode::not_found, format("cannot open {}: the CPU is offline", what))
          .with_errno(err);
    case EINTR:  // trace_uprobe.c, probe_event_enable(): perf and ftrace's own file exclude each
                 // other
      return Error(ErrorCode::busy, format("{} is in use by ftrace", what))
          .with_errno(err)
          .with_hint("disable it under tracefs (its 'enable' file), or use a second event");
    case EBUSY:
      return Error(ErrorCode::busy, format("{} is in use", what)).with_errno(err);
    case EINVAL:  // perf_trace_init(): no event has that id; or a CPU that never was
      return Error(ErrorCode::kernel_refused,
                   format("the kernel does not know {}, or not these settings", what))
          .with_errno(err)
          .with_hint("or it is a uprobe whose offset lies outside the file");
    case E2BIG:  // perf_copy_attr(): bits we set that this kernel has no place for
      return Error(ErrorCode::unsupported,
                   format("this kernel is too old for the settings of {}", what))
          .with_errno(err);
    case ENOENT:  // perf_init_event(): nobody registered that type of event
    case EOPNOTSUPP:
      return Error(ErrorCode::unsupported, format("this kernel's perf cannot do {}", what))
          .with_errno(err)
          .with_hint("it needs CONFIG_PERF_EVENTS and CONFIG_EVENT_TRACING");
    case ENOSYS:
      return Error(ErrorCode::unsupported,
                   format("cannot open {}: this kernel has no perf_event_open", what))
          .with_errno(err)
          .with_hint("it needs CONFIG_PERF_EVENTS");
    default:
      return system_error(err, format("perf_event_open of {}", what));
  }
}

Error explain_filter(int err, std::string_view filter) {
  const auto error = [&](ErrorCode code, std::string_view why) {
    return Error(code, format("the kernel does not take the filter '{}': {}", filter, why));
  };
  // kernel/trace/trace_events_filter.c: predicate_parse() and process_preds() use errnos as places
  // in the code, not as reasons. Seen on 6.18.
  switch (err) {
    case EINVAL:  // parse_pred() and most of the rest; strndup_user() of more than a page
      return error(ErrorCode::syntax,
                   "a field that the event has not, an operator or a value that does not fit the "
                   "field, or too long")
          .with_hint(
              "numbers take == != < <= > >= &, strings == != ~ and quotes; a negative number only "
              "a signed field; 4,095 bytes in all, 255 in quotes");
    case EPERM:  // a word where an operator should be, or one ')' too many: not a matter of rights
      return error(ErrorCode::syntax, "something stands where '&&' or '||' should, or a ')' alone");
    case ENOENT:  // one '(' too many
      return error(ErrorCode::syntax, "a '(' is not closed");
    case ESRCH:
      return error(ErrorCode::syntax, "a quote is not closed");
    case ENOSPC:
    case E2BIG:
      return error(ErrorCode::too_many, "too many conditions");
    case EEXIST:  // perf_event_set_filter(): our mistake, since we set it once
      return error(ErrorCode::internal, "the event has one already");
    case ENOMEM:
      return error(ErrorCode::exhausted, "no kernel memory").with_errno(err);
    default:
      return system_error(err, format("set the filter '{}'", filter));
  }
}

Error explain_redirect(int err) {
  if (err != EINVAL) return system_error(err, "redirect a perf event into a ring");
  return Error(ErrorCode::kernel_refused,
               "the kernel does not redirect this event into that ring: another CPU, another "
               "clock, a ring that is not mapped, or the event itself")
      .with_errno(err);
}

Error explain_mmap(int err, std::size_t bytes, std::string_view what) {
  switch (err) {
    case EPERM:  // a limit (perf_mmap), which somebody may lift
      return Error(ErrorCode::exhausted,
                   format("not allowed to lock {} bytes of memory for {}", bytes, what))
          .with_errno(err)
          .with_hint(
              "take smaller rings, raise /proc/sys/kernel/perf_event_mlock_kb or "
              "RLIMIT_MEMLOCK (ulimit -l, LimitMEMLOCK=), or run with CAP_IPC_LOCK");
    case ENOMEM:
      return Error(ErrorCode::exhausted, format("no memory for {} bytes of {}", bytes, what))
          .with_errno(err)
          .with_hint("take smaller rings");
    default:
      return system_error(err, format("mmap of {} bytes of {}", bytes, what));
  }
}

}  // namespace kprobed::ringbuf
