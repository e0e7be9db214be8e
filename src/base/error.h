// SPDX-License-Identifier: Apache-2.0
//
// What went wrong, for a person and for a program: a stable code, a sentence, what to do about it,
// what was being done, and the place in the user's text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/span.h"

namespace kprobed {

/// Stable words: they appear in the protocol and in `-o json`, and are never renamed.
enum class ErrorCode : std::uint8_t {
  syntax,             ///< the text does not follow the grammar
  unknown_register,   ///< no such register on this architecture
  unknown_type,       ///< no such fetch type
  bad_number,         ///< not a number, or out of range
  bad_name,           ///< a name the kernel cannot take
  name_used,          ///< the same argument or probe name twice
  wrong_place,        ///< right word, wrong probe: $retval on an entry probe, ...
  too_long,           ///< a name, expression or line over the kernel's limit
  too_many,           ///< more arguments or probes than allowed
  symbol_not_found,   ///< the kernel has no such symbol
  symbol_not_unique,  ///< several kernel functions have that name
  bad_address,        ///< not an address inside kernel text, or not probeable
  unsupported,        ///< this kernel or architecture cannot do it
  oversize,           ///< the record could exceed what perf can carry
  no_permission,      ///< needs root or a capability
  no_tracefs,         ///< tracefs is absent, or cannot be mounted
  no_kprobes,         ///< this kernel was built without kprobe events
  kernel_refused,     ///< the kernel said no for a reason of its own
  busy,               ///< in use; try again
  cancelled,          ///< the user changed their mind while it was being done
  exhausted,          ///< out of descriptors, memory, event ids
  not_found,          ///< no such probe, file, process
  io,                 ///< a system call failed
  usage,              ///< the command line cannot be understood
  malformed,          ///< bytes that are not what they should be
  internal,           ///< our own mistake
};

/// The code's stable word, e.g. "symbol_not_found".
std::string_view word(ErrorCode code);

/// An expected failure. Rooms return it (Result), programs print it.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  ///< one sentence, no final dot, lower case: "symbol 'do_opn' not found"
  std::string hint;     ///< what to do about it; may be empty
  int sys_errno = 0;    ///< the kernel's errno, 0 if none
  Span span;            ///< the user's token; may be unknown
  std::vector<std::string> doing;  ///< what was being done, innermost first

  // Not inline: nearly every function has many ways out through these, and they were a third of the
  // program's code.
  Error();
  Error(ErrorCode c, std::string m);
  Error(const Error&);
  Error(Error&&) noexcept;
  Error& operator=(const Error&);
  Error& operator=(Error&&) noexcept;
  ~Error();

  Error& with_hint(std::string text) &;
  Error&& with_hint(std::string text) &&;
  Error& at(Span where) &;
  Error&& at(Span where) &&;
  Error& with_errno(int number) &;
  Error&& with_errno(int number) &&;
  /// Adds context on the way up: `return std::move(e).while_doing("arm 'do_sys_open'")`.
  Error&& while_doing(std::string what) &&;
};

/// An Error for a failed system call: "open '/x': No such file or directory". Maps EACCES/EPERM to
/// no_permission, EMFILE/ENFILE/ENOMEM to exhausted, EBUSY to busy, anything else to io.
Error system_error(int err, std::string_view what);

/// "outer: inner: message: strerror" on one line, without position and hint.
std::string describe(const Error& error);

/// Several lines for a terminal: position, description, the user's line, a caret under the token,
/// and the hint. Tabs are kept, so that the caret stands right; a long line is cut around the span.
/// Bytes that a terminal would act on are shown as '?'. Ends with a newline.
std::string render(const Error& error);

/// The same picture for any sentence about a place: "file:1:3: HEADLINE", line, caret, hint.
std::string render_at(const Span& span, std::string_view headline, std::string_view hint);

/// "ENOENT" for 2; "errno 9999" for one that has no name.
std::string errno_name(int err);

}  // namespace kprobed
