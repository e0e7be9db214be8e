// SPDX-License-Identifier: Apache-2.0
//
// The kernel's no, in our words. The sentences are those of ERRORS in kernel/trace/trace_probe.h
// (5.10 to 6.18) that a line of our grammar can meet; errnos alone say too little and differ by
// version (KERNEL-FACTS trap 8), so that they are asked only where error_log is silent.
#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "tracefs/kprobe_events.h"

namespace kprobed::tracefs {
namespace {

struct Sentence {
  std::string_view kernel_text;
  ErrorCode code;
  std::string_view meaning;
  std::string_view hint;
};

constexpr std::string_view kNoSymbol = "Invalid probed address or symbol";
constexpr std::string_view kNotRegistered = "Failed to register probe event";

constexpr std::string_view kNotProbeable =
    "not a function of /sys/kernel/tracing/available_filter_functions (notrace), or listed in "
    "/sys/kernel/debug/kprobes/blacklist; probe a caller or a function it calls";
constexpr std::string_view kSymbolHint =
    "look in /proc/kallsyms; it may be inlined, or in a module that is not loaded (write MOD:SYM)";
constexpr std::string_view kOneEvent =
    "probes of one event need the same kind, argument names and types";
constexpr std::string_view kNames = "letters, digits and '_', not beginning with a digit";
constexpr std::string_view kArgsAtEntry =
    "$argN is for function entries, on architectures and kernels that have it, and not before the "
    "module is loaded; take the register (%NAME) instead";
constexpr std::string_view kBtf = "take the register (%NAME) or $argN and an explicit type instead";

constexpr std::array kSentences = std::to_array<Sentence>({
    // The place.
    {kNoSymbol, ErrorCode::symbol_not_found, "symbol not found", kSymbolHint},
    {"The symbol is not unique", ErrorCode::symbol_not_unique,
     "several kernel functions have this name", "probe one of them as another symbol plus offset"},
    {"Retprobe address must be an function entry", ErrorCode::wrong_place,
     "a return probe must be at a function's entry", "leave the offset out"},
    {"Invalid probed address suffix", ErrorCode::syntax, "only %return may follow a symbol", ""},
    {"Probe point is not an instruction boundary", ErrorCode::bad_address,
     "no instruction begins there", "disassemble the function to find its instructions"},
    {kNotRegistered, ErrorCode::bad_address, "the kernel does not allow a probe there",
     kNotProbeable},
    // The command and the event's name.
    {"Maxactive is not for kprobe", ErrorCode::wrong_place, "only return probes have maxactive",
     ""},
    {"Maxactive is only for function exit", ErrorCode::wrong_place,
     "only return probes have maxactive", ""},
    {"Invalid maxactive number", ErrorCode::bad_number, "maxactive is not a number from 1 to 4096",
     ""},
    {"Maxactive is too big", ErrorCode::bad_number, "maxactive is more than 4096", ""},
    {"Group name is not specified", ErrorCode::bad_name, "the group has no name", ""},
    {"Group name is too long", ErrorCode::too_long, "the group name is longer than 63 bytes", ""},
    {"Group name must follow the same rules as C identifiers", ErrorCode::bad_name,
     "not a group name", kNames},
    {"Event name is not specified", ErrorCode::bad_name, "the event has no name", ""},
    {"Event name is too long", ErrorCode::too_long, "the event name is longer than 63 bytes", ""},
    {"Event name must follow the same rules as C identifiers", ErrorCode::bad_name,
     "not an event name", kNames},
    {"Given group/event name is already used by another event", ErrorCode::name_used,
     "an event of another kind has this name", "choose another name"},
    {"Probe type is different from existing probe", ErrorCode::name_used,
     "the event exists as the other kind of probe", kOneEvent},
    {"Argument type or name is different from existing probe", ErrorCode::name_used,
     "the event exists with other arguments", kOneEvent},
    {"There is already the exact same probe event", ErrorCode::name_used,
     "this very probe exists already", ""},
    // Arguments: names.
    {"Argument name is not specified", ErrorCode::bad_name, "the argument has no name", ""},
    {"Argument name is too long", ErrorCode::too_long, "the argument name is longer than 32 bytes",
     ""},
    {"Argument name must follow the same rules as C identifiers", ErrorCode::bad_name,
     "not an argument name", kNames},
    {"This argument name is already used", ErrorCode::name_used,
     "this argument name is taken, by another argument or by the kernel", "choose another name"},
    {"No argument expression", ErrorCode::syntax, "the argument has no value", ""},
    {"Argument expression is too long", ErrorCode::too_long,
     "the argument's expression is longer than 63 bytes", ""},
    {"Too many arguments are specified", ErrorCode::too_many, "more than 128 arguments", ""},
    {"Too many entry arguments specified", ErrorCode::too_many,
     "too many entry arguments for a return probe", ""},
    // Arguments: values.
    {"$retval is not available on probe", ErrorCode::wrong_place,
     "$retval is for return probes, by symbol", ""},
    {"This function returns 'void' type", ErrorCode::wrong_place, "the function returns nothing",
     "leave $retval out, or give it a type"},
    {"Invalid stack number", ErrorCode::bad_number, "not a stack slot the kernel reads", ""},
    {"Invalid argument number", ErrorCode::bad_number, "not an argument number", ""},
    {"$argN index is too big", ErrorCode::bad_number, "the function has fewer arguments", ""},
    {"Invalid $-variable specified", ErrorCode::unsupported,
     "no such $ variable, or not at this place", kArgsAtEntry},
    {"Invalid $-valiable specified", ErrorCode::unsupported,
     "no such $ variable, or not at this place", kArgsAtEntry},
    {"$arg* can be used only on function entry or exit", ErrorCode::wrong_place,
     "arguments are known at a function's entry only", kArgsAtEntry},
    {"Invalid register name", ErrorCode::unknown_register, "this architecture has no such register",
     ""},
    {"Invalid memory address", ErrorCode::bad_number, "not an address", ""},
    {"Invalid immediate value", ErrorCode::bad_number, "not a number", ""},
    {"String is not closed with '\"'", ErrorCode::syntax, "the string is not closed", ""},
    {"File offset is not available with kprobe", ErrorCode::wrong_place, "@+OFFSET is for uprobes",
     ""},
    {"Invalid fetch argument", ErrorCode::syntax, "not a value the kernel can fetch", ""},
    {"BTF is not available or not supported", ErrorCode::unsupported,
     "this kernel cannot look up names of parameters", kBtf},
    {"No BTF entry for this probe point", ErrorCode::unsupported,
     "the kernel has no types for this function", kBtf},
    {"This variable is not found at this probe point", ErrorCode::symbol_not_found,
     "the function has no such parameter", kBtf},
    {"This field is not found.", ErrorCode::symbol_not_found, "the structure has no such field",
     kBtf},
    // Arguments: dereferences and types.
    {"Dereference is too much nested", ErrorCode::too_many, "dereferences are nested too deep", ""},
    {"Dereference needs a brace", ErrorCode::syntax, "a dereference needs '('", ""},
    {"Invalid dereference offset", ErrorCode::bad_number, "not an offset", ""},
    {"Dereference brace is not closed", ErrorCode::syntax, "')' is missing", ""},
    {"$comm can not be dereferenced", ErrorCode::wrong_place, "$comm cannot be dereferenced", ""},
    {"Array is not closed", ErrorCode::syntax, "']' is missing", ""},
    {"Array has wrong suffix", ErrorCode::syntax, "nothing may follow ']'", ""},
    {"Invalid array size", ErrorCode::bad_number, "not an array size from 1 to 64", ""},
    {"Array number is too big", ErrorCode::bad_number, "an array has 64 elements at most", ""},
    {"Unknown type is specified", ErrorCode::unknown_type, "this kernel has no such type", ""},
    {"String accepts only memory argument", ErrorCode::wrong_place,
     "strings and arrays are read from memory, not from a register",
     "dereference the pointer: +0(%REG):string"},
    {"Symbol String doesn't accept data/userdata", ErrorCode::wrong_place,
     "symstr takes an address, not what is in memory", ""},
    {"$comm and immediate-string only accepts string type", ErrorCode::wrong_place,
     "$comm and \\\"text\" are strings", "leave the type out"},
    {"This type does not fit for string.", ErrorCode::wrong_place, "not a type to read as a string",
     ""},
    {"Invalid bitfield", ErrorCode::bad_number, "the bit field does not fit its container", ""},
    {"Event too big (too many fields?)", ErrorCode::oversize,
     "the event's fixed part is too large for this kernel", "fewer or smaller arguments"},
});

/// Where error_log is silent: `ERRNO` -> what it can only mean after a line of ours.
struct Silence {
  int sys_errno;
  ErrorCode code;
  std::string_view meaning;
  std::string_view hint;
};

constexpr std::array kSilences = std::to_array<Silence>({
    {ENOENT, ErrorCode::symbol_not_found, "symbol not found", kSymbolHint},
    {EADDRNOTAVAIL, ErrorCode::symbol_not_unique, "several kernel functions have this name",
     "probe one of them as another symbol plus offset"},
    {EILSEQ, ErrorCode::bad_address, "no instruction begins there",
     "disassemble the function to find its instructions"},
    {EEXIST, ErrorCode::name_used, "an event of this name exists already", kOneEvent},
    {EBUSY, ErrorCode::busy, "the event is in use", "try again once its users have closed it"},
    // From 6.12 on (__trace_kprobe_create); older kernels leave out what is too much.
    {E2BIG, ErrorCode::too_many, "more than 128 arguments", ""},
    // register_trace_event() in kernel/trace/trace_output.c: all 65,535 type numbers are taken.
    {ENODEV, ErrorCode::exhausted, "the kernel has no event ids left",
     "remove events that nobody uses: see dynamic_events"},
    // security_locked_down(LOCKDOWN_KPROBES) in kernel/trace/trace_kprobe.c.
    {EPERM, ErrorCode::no_permission, "kernel lockdown forbids kprobes",
     "see /sys/kernel/security/lockdown"},
    {EACCES, ErrorCode::no_permission, "not allowed", ""},
    {ENOMEM, ErrorCode::exhausted, "the kernel is out of memory", ""},
    // 5.10 says no more to "$comm:u32", for one.
    {EINVAL, ErrorCode::kernel_refused, "the kernel refuses the line and does not say why", ""},
});

/// The words of `line` as the kernel joins them again before it blames them (argv_split, then
/// __trace_probe_log_err in kernel/trace/trace_probe.c).
std::string rejoin(std::string_view line) {
  std::string out;
  for (const std::string_view word : split_words(line)) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

/// The newest entry about our line, as a kprobe, that was not there before.
std::optional<LoggedError> find_ours(const std::string& joined, std::string_view log_before,
                                     std::string_view log_after) {
  const auto before = parse_error_log(log_before);
  auto after = parse_error_log(log_after);
  for (auto entry = after.rbegin(); entry != after.rend(); ++entry) {
    if (entry->location != "trace_kprobe") continue;
    const bool same = entry->cut ? joined.starts_with(entry->command) : entry->command == joined;
    if (!same || std::find(before.begin(), before.end(), *entry) != before.end()) continue;
    return std::move(*entry);
  }
  return std::nullopt;
}

/// The byte of `line` that is byte `column` of its rejoined words; -1 if it has none.
std::int64_t column_in_line(std::string_view line, std::int64_t column) {
  std::int64_t at = 0;
  for (const std::string_view word : split_words(line)) {
    const auto size = static_cast<std::int64_t>(word.size());
    // The blank after a word counts to it: there the kernel points for what is missing.
    if (column <= at + size) return (word.data() - line.data()) + (column - at);
    at += size + 1;
  }
  return column == at ? static_cast<std::int64_t>(line.size()) : -1;
}

/// Where the entry points in our line. Kernels that cut a command also kept its column in 8 bits:
/// of a line with several such places none is named.
std::int64_t blamed_column(std::string_view line, const std::string& joined,
                           const LoggedError& entry) {
  if (entry.column < 0) return -1;
  constexpr std::size_t kColumnWrap = 256;
  if (entry.cut && static_cast<std::size_t>(entry.column) + kColumnWrap <= joined.size()) return -1;
  return column_in_line(line, entry.column);
}

/// From the blamed byte to the end of its word.
std::string_view blamed_token(std::string_view line, std::int64_t column) {
  if (column < 0 || static_cast<std::size_t>(column) >= line.size()) return {};
  line.remove_prefix(static_cast<std::size_t>(column));
  return line.substr(0, line.find_first_of(" \t"));
}

/// Does an argument read a kernel symbol ("@jiffies")? If that one is missing the kernel blames the
/// place (seen on 5.10, 6.1, 6.12): the symbol is looked up when the probe is registered.
bool has_data_symbol(std::string_view line) {
  const std::size_t at = line.find('@');
  return at != std::string_view::npos && is_identifier(line.substr(at + 1, 1));
}

void explain_sentence(Refusal& refusal, std::string_view line) {
  const auto row = std::find_if(kSentences.begin(), kSentences.end(), [&](const Sentence& s) {
    return s.kernel_text == refusal.kernel_text;
  });
  if (row == kSentences.end()) {
    refusal.meaning = refusal.kernel_text;
    return;
  }
  refusal.code = row->code;
  refusal.meaning = row->meaning;
  refusal.hint = row->hint;
  // Registration fails for other reasons than the place, too.
  if (row->kernel_text == kNotRegistered && refusal.sys_errno != EINVAL) {
    const auto silence = std::find_if(kSilences.begin(), kSilences.end(), [&](const Silence& s) {
      return s.sys_errno == refusal.sys_errno;
    });
    if (silence != kSilences.end()) {
      refusal.code = silence->code;
      refusal.meaning = silence->meaning;
      refusal.hint = silence->hint;
    }
  }
  if (row->kernel_text == kNoSymbol && refusal.sys_errno == ENOENT && has_data_symbol(line)) {
    refusal.column = -1;
    refusal.meaning = "symbol not found: the probed one or an argument's @SYMBOL";
    return;
  }
  const std::string_view token = blamed_token(line, refusal.column);
  if (!token.empty()) refusal.meaning += format(": '{}'", token);
}

void explain_silence(Refusal& refusal) {
  const auto row = std::find_if(kSilences.begin(), kSilences.end(),
                                [&](const Silence& s) { return s.sys_errno == refusal.sys_errno; });
  if (row == kSilences.end()) {
    refusal.meaning = "the kernel refuses the line and does not say why";
    return;
  }
  refusal.code = row->code;
  refusal.meaning = row->meaning;
  refusal.hint = row->hint;
}

}  // namespace

Refusal explain_refusal(std::string_view line, int sys_errno, std::string_view log_before,
                        std::string_view log_after) {
  Refusal refusal;
  refusal.sys_errno = sys_errno;
  const std::string joined = rejoin(line);
  const auto entry = find_ours(joined, log_before, log_after);
  if (!entry) {
    explain_silence(refusal);
    return refusal;
  }
  refusal.kernel_text = entry->text;
  refusal.column = blamed_column(line, joined, *entry);
  explain_sentence(refusal, line);
  return refusal;
}

}  // namespace kprobed::tracefs
