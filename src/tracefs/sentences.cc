// SPDX-License-Identifier: Apache-2.0
//
// Errnos alone say too little and differ by version (KERNEL-FACTS trap 8), so that they are asked
// only where error_log is silent.
#include "tracefs/sentences.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace kprobed::tracefs {
namespace {

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
constexpr std::string_view kArray = "TYPE[N]: an array of N elements, at the address";
constexpr std::string_view kUprobePlace =
    "a uprobe's place is /path:0xOFFSET, an offset in the file";
constexpr std::string_view kRefCount =
    "a counter's offset in the file stands in brackets: (0xOFFSET)";
constexpr std::string_view kEventProbe = "an event probe is e:GROUP/EVENT SYSTEM.EVENT [fields]";

constexpr std::array kSentences = std::to_array<Sentence>({
    // The place.
    {kNoSymbol, ErrorCode::symbol_not_found, "symbol not found", kSymbolHint},
    {"The symbol is not unique", ErrorCode::symbol_not_unique,
     "several kernel functions have this name", "probe one of them as another symbol plus offset"},
    {"Retprobe address must be an function entry", ErrorCode::wrong_place,
     "a return probe must be at a function's entry", "leave the offset out"},
    {"Invalid probed address suffix", ErrorCode::syntax, "only %return may follow a symbol", ""},
    {"Probe point is not an instruction boundary", ErrorCode::bad_address,
     "no instruction begins there", "kprobectl disasm FUNCTION shows where they begin"},
    {kNotRegistered, ErrorCode::bad_address, "the kernel does not allow a probe there",
     kNotProbeable},
    // The place of a uprobe, of a tracepoint, of an event probe.
    {"Failed to find the given file", ErrorCode::not_found, "no such file", kUprobePlace},
    {"Not a regular file", ErrorCode::bad_address, "not a regular file, which a uprobe needs",
     kUprobePlace},
    {"Invalid uprobe offset", ErrorCode::bad_number, "not an offset in a file", kUprobePlace},
    {"Invalid reference counter offset", ErrorCode::bad_number,
     "not the offset of a reference counter", kRefCount},
    {"Reference counter brace is not closed", ErrorCode::syntax,
     "')' is missing after the reference counter", kRefCount},
    {"Reference counter has wrong suffix", ErrorCode::syntax,
     "nothing may follow the reference counter", kRefCount},
    {"Tracepoint is not found", ErrorCode::symbol_not_found, "the kernel has no such tracepoint",
     "a tracepoint has no group in front of its name; one of a module needs the module loaded"},
    {"Invalid character in tracepoint name", ErrorCode::bad_name, "not a tracepoint's name",
     kNames},
    {"This requires both group and event name to attach", ErrorCode::syntax,
     "the event to attach to has no group", kEventProbe},
    {"Attached event does not exist", ErrorCode::not_found, "no such event to attach to",
     "see /sys/kernel/tracing/available_events"},
    {"Attached event does not have this field", ErrorCode::symbol_not_found,
     "the event has no such field", "its format file lists its fields"},
    {"No filter rule after 'if'", ErrorCode::syntax, "a condition is missing after 'if'",
     kEventProbe},
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
     "too many entry arguments for a return probe",
     "the kernel keeps them until the function returns, in room that is limited"},
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
    {"$arg* can be used only on function entry", ErrorCode::wrong_place,
     "arguments are known at a function's entry only", kArgsAtEntry},
    {"$arg* must be an independent parameter without name etc.", ErrorCode::syntax,
     "$arg* stands alone, without a name or a type", ""},
    {"$arg* can be used only once in the parameters", ErrorCode::syntax, "$arg* is there twice",
     "leave one out"},
    {"$arg* failed because the argument list is too long", ErrorCode::too_long,
     "the function has more parameters than $arg* can hold", "name those that you want"},
    {"Invalid register name", ErrorCode::unknown_register, "this architecture has no such register",
     ""},
    {"Invalid memory address", ErrorCode::bad_number, "not an address", ""},
    {"Invalid immediate value", ErrorCode::bad_number, "not a number", ""},
    {"String is not closed with '\"'", ErrorCode::syntax, "the string is not closed",
     "\\\"text\", without blanks in it"},
    {"File offset is not available with kprobe", ErrorCode::wrong_place, "@+OFFSET is for uprobes",
     ""},
    {"Invalid file offset value", ErrorCode::bad_number, "not an offset in the file",
     "data of the probed file is @+OFFSET"},
    {"Symbol is not available with uprobe", ErrorCode::wrong_place,
     "@SYMBOL is the kernel's, and a uprobe reads a program's memory",
     "data of the probed file is @+OFFSET"},
    {"Invalid fetch argument", ErrorCode::syntax, "not a value the kernel can fetch", ""},
    {"BTF is not available or not supported", ErrorCode::unsupported,
     "this kernel cannot look up names of parameters", kBtf},
    {"No BTF entry for this probe point", ErrorCode::unsupported,
     "the kernel has no types for this function", kBtf},
    {"This variable is not found at this probe point", ErrorCode::symbol_not_found,
     "the function has no such parameter", kBtf},
    {"This field is not found.", ErrorCode::symbol_not_found, "the structure has no such field",
     kBtf},
    {"This is not a pointer to union/structure.", ErrorCode::wrong_place,
     "'->' needs a pointer to a structure", "a structure inside another is reached with '.'"},
    {"Non pointer structure/union argument is not supported.", ErrorCode::unsupported,
     "this kernel cannot read a structure that is passed by value", kBtf},
    {"Failed to parse single hyphen. Forgot '>'?", ErrorCode::syntax,
     "'-' does not stand alone: a field is reached with '->'", ""},
    {"Failed to parse single hyphen. Forgot '>''?", ErrorCode::syntax,
     "'-' does not stand alone: a field is reached with '->'", ""},
    {"Failed to get BTF type info.", ErrorCode::unsupported,
     "the kernel's own types are not complete here", kBtf},
    // Arguments: dereferences and types.
    {"Dereference is too much nested", ErrorCode::too_many, "dereferences are nested too deep",
     "14 at most, fewer from a symbol"},
    {"Dereference needs a brace", ErrorCode::syntax, "a dereference needs '('", ""},
    {"Invalid dereference offset", ErrorCode::bad_number, "not an offset", ""},
    {"Dereference brace is not closed", ErrorCode::syntax, "')' is missing", ""},
    {"$comm can not be dereferenced", ErrorCode::wrong_place, "$comm cannot be dereferenced", ""},
    {"Array is not closed", ErrorCode::syntax, "']' is missing", kArray},
    {"Array has wrong suffix", ErrorCode::syntax, "nothing may follow ']'", kArray},
    {"Invalid array size", ErrorCode::bad_number, "not an array size from 1 to 64", kArray},
    {"Array number is too big", ErrorCode::bad_number, "an array has 64 elements at most", ""},
    {"Unknown type is specified", ErrorCode::unknown_type, "this kernel has no such type",
     "README in tracefs lists those it has after \"type:\"; symbol and symstr are not for uprobes"},
    {"String accepts only memory argument", ErrorCode::wrong_place,
     "strings and arrays are read from memory, not from a register",
     "dereference the pointer: +0(%REG):string"},
    {"Symbol String doesn't accept data/userdata", ErrorCode::wrong_place,
     "symstr takes an address, not what is in memory", "a register, $argN or $retval"},
    {"$comm and immediate-string only accepts string type", ErrorCode::wrong_place,
     "$comm and \\\"text\" are strings", "leave the type out"},
    {"This type does not fit for string.", ErrorCode::wrong_place, "not a type to read as a string",
     "char * and char arrays are"},
    {"Invalid bitfield", ErrorCode::bad_number, "the bit field does not fit its container",
     "bBITS@OFFSET/SIZE: BITS from the low end of SIZE (8, 16, 32 or 64), OFFSET + BITS within it"},
    {"Event too big (too many fields?)", ErrorCode::oversize,
     "the event's fixed part is too large for this kernel", "fewer or smaller arguments"},
});

constexpr std::array kSilences = std::to_array<Silence>({
    {ENOENT, ErrorCode::symbol_not_found, "symbol not found", kSymbolHint},
    {EADDRNOTAVAIL, ErrorCode::symbol_not_unique, "several kernel functions have this name",
     "probe one of them as another symbol plus offset"},
    {EILSEQ, ErrorCode::bad_address, "no instruction begins there",
     "kprobectl disasm FUNCTION shows where they begin"},
    {EEXIST, ErrorCode::name_used, "an event of this name exists already", kOneEvent},
    {EBUSY, ErrorCode::busy, "the event is in use", "try again once its users have closed it"},
    // From 6.12 on (__trace_kprobe_create); older kernels leave out what is too much.
    {E2BIG, ErrorCode::too_many, "more than 128 arguments", ""},
    // register_trace_event() in kernel/trace/trace_output.c: all 65,535 type numbers are taken.
    {ENODEV, ErrorCode::exhausted, "the kernel has no event ids left",
     "remove events that nobody uses: see dynamic_events"},
    // security_locked_down(LOCKDOWN_KPROBES) in kernel/trace/trace_kprobe.c.
    {EPERM, ErrorCode::no_permission, "kernel lockdown forbids probes",
     "see /sys/kernel/security/lockdown"},
    {EACCES, ErrorCode::no_permission, "not allowed", ""},
    {ENOMEM, ErrorCode::exhausted, "the kernel is out of memory", ""},
    // 5.10 says no more to "$comm:u32", for one.
    {EINVAL, ErrorCode::kernel_refused, "the kernel refuses the line and does not say why", ""},
});

/// What differs from the kprobes' meaning.
constexpr std::array kUprobeSilences = std::to_array<Silence>({
    {ENOENT, ErrorCode::not_found, "no such file", kUprobePlace},
    // Also two uprobes on one place with different reference counters (validate_ref_ctr_offset).
    {EINVAL, ErrorCode::kernel_refused, "the kernel refuses the line and does not say why",
     kUprobePlace},
});
constexpr std::array kDynamicSilences = std::to_array<Silence>({
    {ENOENT, ErrorCode::symbol_not_found, "the kernel has no such function or tracepoint",
     kSymbolHint},
    // A letter that no kind of event answers to: create_dyn_event() in kernel/trace/
    // trace_dynevent.c.
    {EINVAL, ErrorCode::unsupported, "this kernel has no fprobe events",
     "they need 6.5 and CONFIG_FPROBE_EVENTS; p and r are probes on functions everywhere, and "
     "existing tracepoints need no probe"},
});

template <typename Rows>
const Silence* row_of(const Rows& rows, int sys_errno) {
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const Silence& s) { return s.sys_errno == sys_errno; });
  return row == rows.end() ? nullptr : &*row;
}

}  // namespace

std::span<const Sentence> sentences() { return kSentences; }

const Sentence* find_sentence(std::string_view kernel_text) {
  const auto row = std::find_if(kSentences.begin(), kSentences.end(),
                                [&](const Sentence& s) { return s.kernel_text == kernel_text; });
  return row == kSentences.end() ? nullptr : &*row;
}

const Silence* find_silence(EventsFile file, int sys_errno) {
  const Silence* own = nullptr;
  if (file == EventsFile::uprobe) own = row_of(kUprobeSilences, sys_errno);
  if (file == EventsFile::dynamic) own = row_of(kDynamicSilences, sys_errno);
  return own != nullptr ? own : row_of(kSilences, sys_errno);
}

}  // namespace kprobed::tracefs
