// SPDX-License-Identifier: Apache-2.0
//
// What resolving asks of a kernel. `symbols` answers from the running one; tests answer from
// captured ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arch/arch_abi.h"
#include "base/result.h"
#include "resolve/type_view.h"

namespace kprobed::resolve {

/// One line of /proc/kallsyms.
struct Symbol {
  std::string name;
  std::string module;         ///< "" for the kernel itself
  std::uint64_t address = 0;  ///< 0 where the reader may not see addresses (kptr_restrict)
  char type = '?';            ///< nm's letter: t/T text, d/D data, ...

  bool is_text() const { return type == 't' || type == 'T' || type == 'w' || type == 'W'; }
  bool operator==(const Symbol&) const = default;
};

/// What this kernel's kprobe events can do, read from tracefs' README (never from the version).
struct KernelFeatures {
  bool known = false;              ///< README could not be read: nothing below is certain
  bool argument_words = false;     ///< $argN
  bool return_arguments = false;   ///< $argN on return probes (6.9)
  bool ustring = false;            ///< ustring and +u (5.3)
  bool btf_arguments = false;      ///< bare parameter names (6.5)
  bool group_only_names = false;   ///< `GRP/` (6.0); also proves PERF_MAX_TRACE_SIZE is 8192
  bool uprobes = false;            ///< uprobe_events
  bool fprobes = false;            ///< f[:..] (6.5)
  bool tracepoint_probes = false;  ///< t[:..] (6.5)
  bool char_type = false;          ///< char (6.3)
  bool symstr_type = false;        ///< symstr (6.3, and backports)
  /// Not in README, but tried: kprobes at the entries of functions that ftrace can trace are
  /// refused, and taken behind ArchAbi::entry_sled_bytes (riscv64, 6.10 to 6.17).
  bool entries_refused = false;
  /// Found out by other means: a kprobe that is hit may bring this kernel down (MIPS).
  bool kprobes_may_crash = false;

  bool operator==(const KernelFeatures&) const = default;
};

/// Reads the features from the text of tracefs' README file.
KernelFeatures parse_readme(std::string_view readme);

/// Why a kprobe cannot be set on an instruction, as far as can be known before the kernel is asked.
struct Instruction {
  std::uint32_t offset = 0;  ///< from the function's first byte
  std::uint32_t bytes = 0;
  std::string text;     ///< "mov rax, rdi"; empty where it cannot be decoded
  std::string refused;  ///< why no probe can be set here: a sentence; "" where one can
};

/// A function's code, instruction by instruction.
struct Disassembly {
  std::vector<Instruction> instructions;
  /// Where what was decoded is not all of it: why. The kernel's own word (EILSEQ) decides.
  std::string incomplete;
};

/// A place in a program or library.
struct BinaryPlace {
  std::string symbol;             ///< the function that holds it; "" if unknown
  std::uint64_t offset = 0;       ///< from that symbol
  std::uint64_t file_offset = 0;  ///< what uprobe_events takes
  bool at_entry = false;
  std::uint64_t device = 0, inode = 0;  ///< of the file: uprobes follow the inode, not the path
  unsigned word_bytes = 8;              ///< of the program: 4 or 8 (ELF class)
};

/// A system call's parameters, as its sys_enter tracepoint tells them.
struct SyscallParameter {
  std::string name;    ///< "filename"
  std::string c_type;  ///< "const char *", "umode_t"
};

/// Modules that are not loaded and whose files have a function.
struct ModuleSearch {
  std::vector<std::string> modules;
  std::size_t unread = 0;  ///< files that could not be read, and why the first could not
  std::string why;
};

/// What the file of a module that is not loaded says of a function.
struct ModuleFunction {
  std::size_t count = 0;             ///< functions of that name in it
  std::vector<std::string> similar;  ///< names that are close to it, closest first
};

class KernelView {
 public:
  virtual ~KernelView() = default;

  virtual const arch::ArchAbi& abi() const = 0;
  virtual const KernelFeatures& features() const = 0;

  /// All symbols of exactly that name (text and data), the kernel's own first. `module` "" means
  /// anywhere, otherwise only that module's.
  virtual std::vector<Symbol> find(std::string_view name, std::string_view module) const = 0;

  /// The text symbol with the highest address <= `address`; of several at the same address, one
  /// whose name is unique in the whole kernel if there is one. nullopt outside kernel and module
  /// text.
  virtual std::optional<Symbol> text_symbol_at(std::uint64_t address) const = 0;

  /// The first address past the text symbol `function`: where the next text symbol begins, or where
  /// its kernel or module ends. 0 if its address is not visible or not in text.
  virtual std::uint64_t end_of(const Symbol& function) const = 0;

  /// Is that module loaded?
  virtual bool module_loaded(std::string_view module) const = 0;

  /// Out of the files of all modules that are not loaded. unsupported if it is not known which
  /// those are; busy while they are being read: ask again.
  virtual Result<ModuleSearch> modules_with(std::string_view function) const = 0;

  /// Out of one such file. not_found if there is none of that module; other errors say why it
  /// cannot be read, or (unsupported) that it is not known which modules there are.
  virtual Result<ModuleFunction> function_in_file(std::string_view module,
                                                  std::string_view function) const = 0;

  /// Are addresses visible to this process? (kptr_restrict; root usually sees them)
  virtual bool addresses_visible() const = 0;

  /// Is the address in text that stays: the kernel's _stext.._etext or a loaded module, not
  /// __init text that has been freed?
  virtual bool in_text(std::uint64_t address) const = 0;

  /// Text symbols whose name is close to `name`, closest first, at most `limit`.
  virtual std::vector<std::string> similar(std::string_view name, std::size_t limit) const = 0;

  /// Can ftrace trace the function (available_filter_functions)? On most kernels kprobe_events
  /// refuses the others as notrace. nullopt if it cannot be told.
  virtual std::optional<bool> traceable(std::string_view function) const = 0;

  /// Text symbols whose name matches the fnmatch(3) pattern, each place once, in the order of
  /// addresses; `module` "" means the kernel and all modules.
  virtual std::vector<Symbol> matching(std::string_view pattern, std::string_view module) const = 0;

  /// Is the address on the kernel's own list of what may not be probed (debugfs
  /// kprobes/blacklist)? nullopt if that cannot be read.
  virtual std::optional<bool> blacklisted(std::uint64_t address) const = 0;

  /// The C types of the kernel, and of `module` if it is not ""; of one that is not loaded as its
  /// file has them, which need not be the build that comes. An error says why there are none
  /// (`unsupported`: this kernel has no BTF). Loaded on the first question.
  virtual Result<const TypeView*> types(std::string_view module) const = 0;

  /// Lets go of the types' memory; the next question loads them again.
  virtual void release_types() const = 0;

  /// The instructions of the function that begins at `function`. unsupported where the kernel's
  /// code cannot be read or decoded here.
  virtual Result<Disassembly> disassemble(const Symbol& function) const = 0;

  /// PATH:SYMBOL+offset, or PATH:file_offset if `symbol` is "". Errors: not_found (file),
  /// symbol_not_found, symbol_not_unique, bad_address, malformed (not ELF), no_permission,
  /// unsupported.
  virtual Result<BinaryPlace> binary_place(const std::string& path, std::string_view symbol,
                                           std::uint64_t offset) const = 0;

  /// The text of events/GROUP/EVENT/format. not_found if there is no such event.
  virtual Result<std::string> event_format(std::string_view group,
                                           std::string_view event) const = 0;

  /// Names near to it, "sched/sched_switch", closest first: for hints.
  virtual std::vector<std::string> similar_events(std::string_view group, std::string_view event,
                                                  std::size_t limit) const = 0;

  /// Parameters of the system call `name` ("openat"), from its tracepoint; nullopt if there is
  /// none.
  virtual std::optional<std::vector<SyscallParameter>> syscall_parameters(
      std::string_view name) const = 0;
};

}  // namespace kprobed::resolve
