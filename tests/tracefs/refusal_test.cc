// SPDX-License-Identifier: Apache-2.0
#include "tracefs/refusal.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "fake_tracefs.h"
#include "tracefs/sentences.h"

namespace kprobed::tracefs {
namespace {

struct Captured {
  std::string wrote, errno_word, log;
};

/// tests/data/KERNEL/refusals: blocks of "case: NAME", "wrote: LINE", "errno: NAME", "log:", the
/// log, "end".
std::map<std::string, Captured> captured_refusals(const std::string& kernel) {
  std::map<std::string, Captured> cases;
  Captured* now = nullptr;
  bool in_log = false;
  const std::string text = test_data(kernel + "/refusals");
  for (const std::string_view line : split_lines(text)) {
    if (line.starts_with("case: ")) now = &cases[std::string(line.substr(6))];
    if (now == nullptr) continue;
    if (line == "end") in_log = false;
    if (in_log) now->log += std::string(line) + "\n";
    if (line.starts_with("wrote: ")) now->wrote = line.substr(7);
    if (line.starts_with("errno: ")) now->errno_word = line.substr(7);
    if (line == "log:") in_log = true;
  }
  return cases;
}

int errno_of(std::string_view word) {
  for (int number = 1; number < 134; ++number) {
    if (errno_name(number) == word) return number;
  }
  return 0;
}

std::string word_at(const std::string& line, std::int64_t column) {
  if (column < 0 || static_cast<std::size_t>(column) > line.size()) return "(nowhere)";
  const std::string rest = line.substr(static_cast<std::size_t>(column));
  return rest.substr(0, rest.find(' '));
}

TEST(Refusal, ExplainsWhatRealKernelsSaid) {
  struct Row {
    const char* name;
    ErrorCode code;
    const char* blamed;  // from the caret to the end of its word; "(nowhere)" without a caret
  };
  const Row rows[] = {
      {"unknown symbol", ErrorCode::symbol_not_found, "no_such_symbol"},
      {"unknown symbol of a module", ErrorCode::symbol_not_found, "dummy:no_such_symbol"},
      {"not an instruction boundary", ErrorCode::bad_address, "vfs_read+1"},
      {"notrace function", ErrorCode::bad_address, "sched_clock"},
      {"blacklisted function", ErrorCode::bad_address, "notify_die"},
      {"return probe away from the entry", ErrorCode::wrong_place, "vfs_read+9"},
      {"maxactive too big", ErrorCode::bad_number, "9999:fix/e"},
      {"bad register", ErrorCode::unknown_register, "%nosuch"},
      {"bad type", ErrorCode::unknown_type, "u7"},
      {"retval on an entry probe", ErrorCode::wrong_place, "$retval"},
      {"argument number out of range", ErrorCode::bad_number, "$arg0"},
      {"unknown variable", ErrorCode::unsupported, "$nothing"},
      {"bad stack number", ErrorCode::bad_number, "$stack99999"},
      {"dereference without brace", ErrorCode::syntax, ""},
      {"dereference with bad offset", ErrorCode::bad_number, "+x(%di)"},
      {"string of a register", ErrorCode::wrong_place, "string"},
      {"array too big", ErrorCode::bad_number, "65]"},
      {"array not closed", ErrorCode::syntax, ""},
      {"bad bitfield", ErrorCode::bad_number, "b40@0/32"},
      {"argument name of 33 characters", ErrorCode::too_long,
       "abcdefghijklmnopqrstuvwxyz0123456=%di"},
      {"argument name that is no identifier", ErrorCode::bad_name, "1a=%di"},
      {"argument name used twice", ErrorCode::name_used, "a=%si"},
      {"reserved argument name", ErrorCode::name_used, "common_pid=%di"},
      {"argument without expression", ErrorCode::syntax, ""},
      {"argument of 64 bytes", ErrorCode::too_long,
       "+1111111111(+1111111111(+1111111111(+1111111111(+1111111(%di)))))"},
      {"bad group name", ErrorCode::bad_name, "fix.x-1+/e"},
      {"bad event name", ErrorCode::bad_name, "e-1"},
      {"event name of 65 characters", ErrorCode::too_long,
       "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz012"},
      {"the same probe again", ErrorCode::name_used, "p:fix/bare"},
      {"event exists with other arguments", ErrorCode::name_used, "p:fix/ret"},
      {"event exists with other types", ErrorCode::name_used, "count=$arg3:u32"},
      {"unknown command letter", ErrorCode::kernel_refused, "(nowhere)"},
      {"delete of an unknown event", ErrorCode::symbol_not_found, "(nowhere)"},
      {"delete of an event in use", ErrorCode::busy, "(nowhere)"},
  };
  for (const char* kernel : {"5.10", "6.1", "6.12"}) {
    auto cases = captured_refusals(kernel);
    for (const Row& row : rows) {
      SCOPED_TRACE(std::string(kernel) + ": " + row.name);
      const Captured said = cases[row.name];
      const int number = errno_of(said.errno_word);
      ASSERT_NE(number, 0);
      const Refusal refusal = explain_refusal(EventsFile::kprobe, said.wrote, number, "", said.log);
      EXPECT_EQ(word(refusal.code), word(row.code));
      EXPECT_EQ(word_at(said.wrote, refusal.column), row.blamed);
      EXPECT_EQ(refusal.kernel_text.empty(), said.log.empty());
      EXPECT_EQ(refusal.sys_errno, number);
      EXPECT_NE(refusal.meaning, refusal.kernel_text) << "a sentence we have no words for";
      // The same log before the write says nothing of this write.
      EXPECT_EQ(
          explain_refusal(EventsFile::kprobe, said.wrote, number, said.log, said.log).kernel_text,
          "");
    }
  }
}

TEST(Refusal, NamesNonUniqueSymbolsOnEveryKernel) {
  for (const char* kernel : {"5.10", "6.1", "6.12"}) {
    const Captured said = captured_refusals(kernel)["symbol that is not unique"];
    const Refusal refusal =
        explain_refusal(EventsFile::kprobe, said.wrote, errno_of(said.errno_word), "", said.log);
    EXPECT_EQ(refusal.code, ErrorCode::symbol_not_unique) << kernel;
  }
}

/// An entry of error_log with the caret under byte `column` of `command`.
std::string logged(std::string_view text, std::string_view command, std::size_t column,
                   std::string_view stamp = "1.000000", std::string_view tracer = "trace_kprobe") {
  std::string entry = "[    " + std::string(stamp) + "] " + std::string(tracer) + ": error: ";
  entry += std::string(text) + "\n  Command: " + std::string(command) + "\n";
  return entry + std::string(11 + column, ' ') + "^\n";
}

TEST(Refusal, TakesOnlyANewEntryAboutOurLine) {
  const std::string line = "p:g/e vfs_read a=%foo";
  const std::string ours = logged("Invalid register name", line, 17);
  const std::string later = logged("Unknown type is specified", line, 17, "2.000000");
  const std::string other = logged("Invalid register name", "p:g/e vfs_read a=%fo", 17);
  const std::string uprobe = logged("Invalid register name", line, 17, "1.000000", "trace_uprobe");
  struct Row {
    const char* name;
    std::string before, after;
    const char* kernel_text;
  };
  const Row rows[] = {
      {"new", "", ours, "Invalid register name"},
      {"new among others", other, other + ours, "Invalid register name"},
      {"followed by others", "", ours + other, "Invalid register name"},
      {"refused twice: the newer", ours, ours + later, "Unknown type is specified"},
      {"two new ones: the newer", "", ours + later, "Unknown type is specified"},
      {"nothing said", "", "", ""},
      {"stale", ours, ours, ""},
      {"stale, and an older one fell out", other + ours, ours, ""},
      {"another line", "", other, ""},
      {"another tracer", "", uprobe, ""},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(explain_refusal(EventsFile::kprobe, line, EINVAL, row.before, row.after).kernel_text,
              row.kernel_text)
        << row.name;
  }
}

TEST(Refusal, FindsTheColumnInOurOwnBlanks) {
  struct Row {
    const char* line;  // what we wrote, the caret of the next row under what is blamed
    const char* caret;
    const char* joined;
    const char* kernel_caret;
  };
  const Row rows[] = {
      {"p:g/e vfs_read a=%foo", "                 ^",  //
       "p:g/e vfs_read a=%foo", "                 ^"},
      {"p:g/e   vfs_read \t a=%foo", "                     ^",  //
       "p:g/e vfs_read a=%foo", "                 ^"},
      {"  p:g/e vfs_read", "  ^",  //
       "p:g/e vfs_read", "^"},
      {"p:g/e  vfs_read a= b=%di", "                  ^",  //
       "p:g/e vfs_read a= b=%di", "                 ^"},
      {"p:g/e  vfs_read  ", "               ^",  //
       "p:g/e vfs_read", "              ^"},
      {"p:g/e  vfs_read  ", "                 ^",  //
       "p:g/e vfs_read", "               ^"},
  };
  for (const Row& row : rows) {
    const std::string log =
        logged("Invalid fetch argument", row.joined, std::string(row.kernel_caret).size() - 1);
    const auto column = static_cast<std::int64_t>(std::string(row.caret).size() - 1);
    EXPECT_EQ(explain_refusal(EventsFile::kprobe, row.line, EINVAL, "", log).column, column)
        << row.line;
  }
  const std::string beyond = logged("Invalid fetch argument", "p:g/e vfs_read", 40);
  EXPECT_EQ(explain_refusal(EventsFile::kprobe, "p:g/e vfs_read", EINVAL, "", beyond).column, -1);
}

TEST(Refusal, PointsNowhereWhereOldKernelsLostTheColumn) {
  // Linux 5.10 keeps 243 bytes of a command and the column modulo 256.
  std::string line = "p:kprobed/a vfs_read";
  for (int i = 0; i < 18; ++i) line += " a" + std::to_string(i) + "=+0(%di)";
  const auto said = [](const std::string& written, std::size_t column) {
    return "[    3.436593] trace_kprobe: error: Invalid register name\n  Command: " +
           written.substr(0, 243) + std::string(11 + column, ' ') + "^\n";
  };
  const std::string shorter = line + " b=%foo cccccccccccccccccc=%di";
  const Refusal known =
      explain_refusal(EventsFile::kprobe, shorter, EINVAL, "", said(shorter, 229));
  EXPECT_EQ(word_at(shorter, known.column), "%foo");
  EXPECT_EQ(known.meaning, "this architecture has no such register: '%foo'");

  std::string longer = line + " b=%foo";
  for (int i = 0; i < 30; ++i) longer += " c" + std::to_string(i) + "=+0(%di)";
  const Refusal lost = explain_refusal(EventsFile::kprobe, longer, EINVAL, "", said(longer, 229));
  EXPECT_EQ(lost.column, -1);
  EXPECT_EQ(lost.code, ErrorCode::unknown_register);
  EXPECT_EQ(lost.meaning, "this architecture has no such register");
}

TEST(Refusal, KnowsTheKernelsWordsInAllSpellings) {
  struct Row {
    const char* text;
    int sys_errno;
    ErrorCode code;
  };
  const Row rows[] = {
      {"Invalid $-variable specified", EINVAL, ErrorCode::unsupported},
      {"Invalid $-valiable specified", EINVAL, ErrorCode::unsupported},
      {"$arg* can be used only on function entry or exit", EINVAL, ErrorCode::wrong_place},
      {"Maxactive is not for kprobe", EINVAL, ErrorCode::wrong_place},
      {"Maxactive is only for function exit", EINVAL, ErrorCode::wrong_place},
      {"The symbol is not unique", EINVAL, ErrorCode::symbol_not_unique},
      {"The symbol is not unique", EADDRNOTAVAIL, ErrorCode::symbol_not_unique},
      {"Invalid probed address or symbol", EINVAL, ErrorCode::symbol_not_found},
      {"Given group/event name is already used by another event", EEXIST, ErrorCode::name_used},
      {"Failed to register probe event", EINVAL, ErrorCode::bad_address},
      {"Failed to register probe event", ENOMEM, ErrorCode::exhausted},
      {"Failed to register probe event", EPERM, ErrorCode::no_permission},
      {"Failed to register probe event", ENODEV, ErrorCode::exhausted},
      {"This variable is not found at this probe point", ENOENT, ErrorCode::symbol_not_found},
      {"Too many arguments are specified", E2BIG, ErrorCode::too_many},
      {"Event too big (too many fields?)", E2BIG, ErrorCode::oversize},
      {"A sentence of 2030", EINVAL, ErrorCode::kernel_refused},
  };
  const std::string line = "p:g/e vfs_read a=%di";
  for (const Row& row : rows) {
    const Refusal refusal =
        explain_refusal(EventsFile::kprobe, line, row.sys_errno, "", logged(row.text, line, 6));
    EXPECT_EQ(word(refusal.code), word(row.code)) << row.text;
    EXPECT_EQ(refusal.kernel_text, row.text);
    EXPECT_EQ(refusal.column, 6) << row.text;
  }
  const auto unknown =
      explain_refusal(EventsFile::kprobe, line, EINVAL, "", logged("A sentence of 2030", line, 6));
  EXPECT_EQ(unknown.meaning, "A sentence of 2030");
}

TEST(Refusal, KnowsEverySentenceOfAllKernels) {
  struct Row {
    const char* text;
    ErrorCode code;
  };
  // ERRORS of kernel/trace/trace_probe.h in 5.10, 5.15, 6.1, 6.6, 6.12, 6.18, in its order.
  const Row rows[] = {
      {"Failed to find the given file", ErrorCode::not_found},
      {"Not a regular file", ErrorCode::bad_address},
      {"Invalid reference counter offset", ErrorCode::bad_number},
      {"Reference counter brace is not closed", ErrorCode::syntax},
      {"Reference counter has wrong suffix", ErrorCode::syntax},
      {"Invalid uprobe offset", ErrorCode::bad_number},
      {"Maxactive is not for kprobe", ErrorCode::wrong_place},          // up to 6.1
      {"Maxactive is only for function exit", ErrorCode::wrong_place},  // later
      {"Invalid maxactive number", ErrorCode::bad_number},
      {"Maxactive is too big", ErrorCode::bad_number},
      {"Invalid probed address or symbol", ErrorCode::symbol_not_found},
      {"The symbol is not unique", ErrorCode::symbol_not_unique},
      {"Retprobe address must be an function entry", ErrorCode::wrong_place},
      {"Tracepoint is not found", ErrorCode::symbol_not_found},
      {"Invalid character in tracepoint name", ErrorCode::bad_name},
      {"Invalid probed address suffix", ErrorCode::syntax},
      {"Group name is not specified", ErrorCode::bad_name},
      {"Group name is too long", ErrorCode::too_long},
      {"Group name must follow the same rules as C identifiers", ErrorCode::bad_name},
      {"Event name is not specified", ErrorCode::bad_name},
      {"Event name is too long", ErrorCode::too_long},
      {"Event name must follow the same rules as C identifiers", ErrorCode::bad_name},
      {"Given group/event name is already used by another event", ErrorCode::name_used},
      {"$retval is not available on probe", ErrorCode::wrong_place},
      {"This function returns 'void' type", ErrorCode::wrong_place},
      {"Invalid stack number", ErrorCode::bad_number},
      {"Invalid argument number", ErrorCode::bad_number},
      {"Invalid $-valiable specified", ErrorCode::unsupported},  // up to 6.17
      {"Invalid $-variable specified", ErrorCode::unsupported},
      {"Invalid register name", ErrorCode::unknown_register},
      {"Invalid memory address", ErrorCode::bad_number},
      {"Invalid immediate value", ErrorCode::bad_number},
      {"String is not closed with '\"'", ErrorCode::syntax},
      {"File offset is not available with kprobe", ErrorCode::wrong_place},
      {"Invalid file offset value", ErrorCode::bad_number},
      {"Symbol is not available with uprobe", ErrorCode::wrong_place},
      {"Dereference is too much nested", ErrorCode::too_many},
      {"Dereference needs a brace", ErrorCode::syntax},
      {"Invalid dereference offset", ErrorCode::bad_number},
      {"Dereference brace is not closed", ErrorCode::syntax},
      {"$comm can not be dereferenced", ErrorCode::wrong_place},
      {"Invalid fetch argument", ErrorCode::syntax},
      {"Array is not closed", ErrorCode::syntax},
      {"Array has wrong suffix", ErrorCode::syntax},
      {"Invalid array size", ErrorCode::bad_number},
      {"Array number is too big", ErrorCode::bad_number},
      {"Unknown type is specified", ErrorCode::unknown_type},
      {"String accepts only memory argument", ErrorCode::wrong_place},
      {"Symbol String doesn't accept data/userdata", ErrorCode::wrong_place},
      {"Invalid bitfield", ErrorCode::bad_number},
      {"Argument name is too long", ErrorCode::too_long},
      {"Argument name is not specified", ErrorCode::bad_name},
      {"Argument name must follow the same rules as C identifiers", ErrorCode::bad_name},
      {"This argument name is already used", ErrorCode::name_used},
      {"Argument expression is too long", ErrorCode::too_long},
      {"No argument expression", ErrorCode::syntax},
      {"Probe point is not an instruction boundary", ErrorCode::bad_address},
      {"Failed to register probe event", ErrorCode::bad_address},
      {"Probe type is different from existing probe", ErrorCode::name_used},
      {"Argument type or name is different from existing probe", ErrorCode::name_used},
      {"There is already the exact same probe event", ErrorCode::name_used},
      {"This requires both group and event name to attach", ErrorCode::syntax},
      {"Attached event does not exist", ErrorCode::not_found},
      {"Attached event does not have this field", ErrorCode::symbol_not_found},
      {"No filter rule after 'if'", ErrorCode::syntax},
      {"BTF is not available or not supported", ErrorCode::unsupported},
      {"This variable is not found at this probe point", ErrorCode::symbol_not_found},
      {"No BTF entry for this probe point", ErrorCode::unsupported},
      {"$arg* must be an independent parameter without name etc.", ErrorCode::syntax},
      {"$arg* can be used only on function entry", ErrorCode::wrong_place},  // up to 6.8
      {"$arg* can be used only on function entry or exit", ErrorCode::wrong_place},
      {"$arg* can be used only once in the parameters", ErrorCode::syntax},
      {"$arg* failed because the argument list is too long", ErrorCode::too_long},
      {"$argN index is too big", ErrorCode::bad_number},
      {"This is not a pointer to union/structure.", ErrorCode::wrong_place},
      {"Non pointer structure/union argument is not supported.", ErrorCode::unsupported},
      {"Failed to parse single hyphen. Forgot '>'?", ErrorCode::syntax},
      {"This field is not found.", ErrorCode::symbol_not_found},
      {"Failed to get BTF type info.", ErrorCode::unsupported},
      {"This type does not fit for string.", ErrorCode::wrong_place},
      {"$comm and immediate-string only accepts string type", ErrorCode::wrong_place},
      {"Too many arguments are specified", ErrorCode::too_many},
      {"Too many entry arguments specified", ErrorCode::too_many},
      {"Event too big (too many fields?)", ErrorCode::oversize},
  };
  for (const Row& row : rows) {
    const Sentence* sentence = find_sentence(row.text);
    ASSERT_NE(sentence, nullptr) << row.text;
    EXPECT_EQ(word(sentence->code), word(row.code)) << row.text;
    EXPECT_NE(sentence->meaning, row.text);
    EXPECT_FALSE(sentence->meaning.empty()) << row.text;
  }
  std::map<std::string_view, int> times;
  for (const Sentence& sentence : sentences()) ++times[sentence.kernel_text];
  for (const auto& [text, count] : times) EXPECT_EQ(count, 1) << text;
}

TEST(Refusal, ListensToTheTracerOfTheFile) {
  struct Row {
    EventsFile file;
    const char* line;
    const char* tracer;
    const char* text;
    std::size_t column;
    ErrorCode code;
    const char* meaning;
  };
  const Row rows[] = {
      {EventsFile::uprobe, "p:g/e /no/such:0x10", "trace_uprobe", "Failed to find the given file",
       6, ErrorCode::not_found, "no such file: '/no/such:0x10'"},
      {EventsFile::uprobe, "p:g/e /bin/sh:10a", "trace_uprobe", "Invalid uprobe offset", 14,
       ErrorCode::bad_number, "not an offset in a file: '10a'"},
      {EventsFile::dynamic, "t:g/e nosuch", "trace_fprobe", "Tracepoint is not found", 6,
       ErrorCode::symbol_not_found, "the kernel has no such tracepoint: 'nosuch'"},
  };
  for (const Row& row : rows) {
    const std::string log = logged(row.text, row.line, row.column, "1.000000", row.tracer);
    const Refusal refusal = explain_refusal(row.file, row.line, EINVAL, "", log);
    EXPECT_EQ(word(refusal.code), word(row.code)) << row.line;
    EXPECT_EQ(refusal.meaning, row.meaning);
    EXPECT_FALSE(refusal.hint.empty()) << row.line;
    for (const EventsFile other : kEventsFiles) {
      if (other == row.file) continue;
      EXPECT_EQ(explain_refusal(other, row.line, EINVAL, "", log).kernel_text, "") << row.line;
    }
  }
}

TEST(Refusal, ExplainsTheSilenceOfEachFile) {
  struct Row {
    EventsFile file;
    int sys_errno;
    ErrorCode code;
  };
  const Row rows[] = {
      {EventsFile::kprobe, ENOENT, ErrorCode::symbol_not_found},
      {EventsFile::uprobe, ENOENT, ErrorCode::not_found},
      {EventsFile::dynamic, ENOENT, ErrorCode::symbol_not_found},
      {EventsFile::kprobe, EINVAL, ErrorCode::kernel_refused},
      {EventsFile::uprobe, EINVAL, ErrorCode::kernel_refused},
      {EventsFile::dynamic, EINVAL, ErrorCode::unsupported},  // no CONFIG_FPROBE_EVENTS
      {EventsFile::uprobe, EEXIST, ErrorCode::name_used},
      {EventsFile::dynamic, E2BIG, ErrorCode::too_many},
  };
  for (const Row& row : rows) {
    const Refusal refusal = explain_refusal(row.file, "p:g/e x", row.sys_errno, "", "");
    EXPECT_EQ(word(refusal.code), word(row.code)) << file_name(row.file) << row.sys_errno;
    EXPECT_FALSE(refusal.meaning.empty());
    EXPECT_EQ(refusal.meaning.find("kprobes") == std::string::npos, true) << refusal.meaning;
  }
}

TEST(Refusal, ExplainsASilentErrno) {
  struct Row {
    int sys_errno;
    ErrorCode code;
  };
  const Row rows[] = {
      {ENOENT, ErrorCode::symbol_not_found},
      {EADDRNOTAVAIL, ErrorCode::symbol_not_unique},
      {EILSEQ, ErrorCode::bad_address},
      {EEXIST, ErrorCode::name_used},
      {EBUSY, ErrorCode::busy},
      {E2BIG, ErrorCode::too_many},
      {ENODEV, ErrorCode::exhausted},
      {EPERM, ErrorCode::no_permission},
      {EACCES, ErrorCode::no_permission},
      {ENOMEM, ErrorCode::exhausted},
      {EINVAL, ErrorCode::kernel_refused},
      {EXDEV, ErrorCode::kernel_refused},
  };
  for (const Row& row : rows) {
    const Refusal refusal =
        explain_refusal(EventsFile::kprobe, "p:g/e vfs_read", row.sys_errno, "", "");
    EXPECT_EQ(word(refusal.code), word(row.code)) << errno_name(row.sys_errno);
    EXPECT_FALSE(refusal.meaning.empty()) << errno_name(row.sys_errno);
    EXPECT_EQ(refusal.column, -1);
  }
}

TEST(Refusal, DoesNotBlameThePlaceForAMissingDataSymbol) {
  // Linux 6.1: the caret stands under a place that is right.
  const std::string line = "p:kprobed/a vfs_read a=@no_such_data";
  const auto log = logged("Invalid probed address or symbol", line, 12);
  const Refusal refusal = explain_refusal(EventsFile::kprobe, line, ENOENT, "", log);
  EXPECT_EQ(refusal.code, ErrorCode::symbol_not_found);
  EXPECT_EQ(refusal.column, -1);
  EXPECT_EQ(refusal.meaning, "symbol not found: the probed one or an argument's @SYMBOL");
}

}  // namespace
}  // namespace kprobed::tracefs
