// SPDX-License-Identifier: Apache-2.0
#include "resolve/condition.h"

#include "fake_kernel.h"
#include "resolve_test_support.h"

namespace kprobed::resolve {
namespace {

using decode::Show;

FakeKernel small_kernel() {
  FakeKernel kernel("ffffffff81000000 T _stext\nffffffff81000100 T f\nffffffff81001000 T _etext\n");
  kernel.events[{"sched", "sched_process_exit"}] =
      "name: sched_process_exit\n"
      "ID: 310\n"
      "format:\n"
      "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
      "\n"
      "\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
      "\tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;\n"
      "\tfield:unsigned long flags;\toffset:32;\tsize:8;\tsigned:0;\n"
      "\tfield:bool group_dead;\toffset:40;\tsize:1;\tsigned:0;\n"
      "\tfield:const char * path;\toffset:48;\tsize:8;\tsigned:0;\n"
      "\tfield:__data_loc char[] name;\toffset:56;\tsize:4;\tsigned:0;\n"
      "\tfield:unsigned long args[6];\toffset:64;\tsize:48;\tsigned:0;\n"
      "\n"
      "print fmt: \"\"\n";
  return kernel;
}

/// An argument as resolving makes it: all that a condition looks at.
ResolvedArg argument(std::string name, Show show, std::size_t bytes) {
  ResolvedArg arg;
  arg.name = arg.kernel_name = std::move(name);
  arg.shape.show = show;
  arg.fixed_bytes = bytes;
  return arg;
}

/// What `p f dfd:s32 mode=a3:u16 ...` records.
std::vector<ResolvedArg> recorded() {
  std::vector<ResolvedArg> args{
      argument("dfd", Show::signed_number, 4),
      argument("mode", Show::unsigned_number, 2),
      argument("rv", Show::hex, 8),
      argument("tiny", Show::signed_number, 1),
      argument("wide", Show::signed_number, 8),
      argument("filename", Show::text, 4),
      argument("flag", Show::boolean, 1),
      argument("letter", Show::character, 1),
      argument("caller", Show::symbol, 8),
      argument("timer", Show::enumeration, 4),
      argument("list", Show::unsigned_number, 8),
      argument("bounded", Show::text, 32),
      argument("flags", Show::hex, 8),
      argument("pid_of", Show::signed_number, 4),
  };
  args[9].shape.is_signed = true;
  args[9].shape.enumerators = std::make_shared<std::vector<decode::Enumerator>>(
      std::vector<decode::Enumerator>{{-1, "TIMER_NONE"}, {0, "TIMER_ABS"}, {1, "TIMER_REL"}});
  args[10].shape.count = 4;
  args[11].shape.text_bytes = 32;
  args[12].kernel_name = "arg13";
  return args;
}

constexpr std::string_view kEntry =
    "p f dfd=a1:s32 mode=a2:u16 rv=a3 tiny=a4:s8 wide=a5:s64 filename=a6:ustring flags=how->flags "
    "if ";

struct Translated {
  std::string filter;  ///< or the error in words
  std::string remarks;
};

Translated translate(std::string_view spec_text, const std::vector<ResolvedArg>& args,
                     const KernelView& kernel) {
  const probespec::ProbeSpec spec = spec_of(spec_text);
  if (!spec.condition) {
    ADD_FAILURE() << "no condition: " << spec_text;
    return {};
  }
  std::vector<Remark> remarks;
  auto filter = translate_condition(*spec.condition, spec, args, kernel, remarks);
  Translated out{filter.ok() ? *filter : render(filter.error()), ""};
  for (const Remark& remark : remarks) {
    out.remarks += (out.remarks.empty() ? "" : " ") + remark.code;
  }
  return out;
}

std::string filter_of(std::string_view condition) {
  return translate(std::string(kEntry).append(condition), recorded(), small_kernel()).filter;
}

TEST(Condition, IsParenthesisedForTheKernel) {
  struct Row {
    std::string_view condition, filter;
  };
  for (const Row& row : {
           Row{"dfd >= 0", "dfd >= 0"},
           Row{"dfd>=0&&comm~\"nginx*\"", "(dfd >= 0) && (comm ~ \"nginx*\")"},
           Row{"dfd == 1 || dfd == 2 && mode == 3", "(dfd == 1) || ((dfd == 2) && (mode == 3))"},
           Row{"(dfd == 1 || dfd == 2) && mode == 3", "((dfd == 1) || (dfd == 2)) && (mode == 3)"},
           Row{"!(dfd == 1)", "!(dfd == 1)"},
           Row{"!(dfd == 1 && mode < 2)", "!((dfd == 1) && (mode < 2))"},
           Row{"dfd == 1 && dfd != 2 && dfd <= 3 && dfd > 4",
               "(dfd == 1) && (dfd != 2) && (dfd <= 3) && (dfd > 4)"},
       }) {
    EXPECT_EQ(filter_of(row.condition), row.filter) << row.condition;
  }
}

TEST(Condition, NamesWhatTheRecordHas) {
  struct Row {
    std::string_view condition, filter;
  };
  for (const Row& row : {
           Row{"flags & 4", "arg13 & 0x4"},       // the output's name
           Row{"how->flags & 4", "arg13 & 0x4"},  // the expression
           Row{"arg13 & 4", "arg13 & 0x4"},       // the kernel's
           Row{"a1 == 3", "dfd == 3"},
           Row{"$dfd == 3", "dfd == 3"},
           Row{"comm == \"init\"", "comm == \"init\""},
           Row{"cpu == 1", "cpu == 1"},
           Row{"tid == 1", "common_pid == 1"},
       }) {
    EXPECT_EQ(filter_of(row.condition), row.filter) << row.condition;
  }
  // An argument of that name wins.
  const std::vector<ResolvedArg> args{argument("cpu", Show::unsigned_number, 4),
                                      argument("pid", Show::signed_number, 4)};
  EXPECT_EQ(translate("p f cpu=a1:u32 if cpu == 4294967295", args, small_kernel()).filter,
            "cpu == 4294967295");
  EXPECT_EQ(translate("p f pid=a1:s32 if pid == -1", args, small_kernel()).filter, "pid == -1");
  // At a return the caller is in every record.
  EXPECT_EQ(translate("r f if rp == 0xffffffff81000100", {}, small_kernel()).filter,
            "__probe_ret_ip == 0xffffffff81000100");
}

TEST(Condition, WritesNumbersAsTheFieldTakesThem) {
  struct Row {
    std::string_view condition, filter;
  };
  for (const Row& row : {
           Row{"dfd == -100", "dfd == -100"},
           Row{"dfd == -2147483648", "dfd == -2147483648"},
           Row{"dfd == 0x7fffffff", "dfd == 2147483647"},
           Row{"dfd < -1", "dfd < -1"},
           Row{"mode == 0644", "mode == 420"},
           Row{"mode == 65535", "mode == 65535"},
           Row{"mode == -1", "mode == 0xffff"},
           Row{"mode != -32768", "mode != 0x8000"},
           Row{"rv == -14", "rv == 0xfffffffffffffff2"},
           Row{"rv & -8", "rv & 0xfffffffffffffff8"},
           Row{"rv == 18446744073709551615", "rv == 0xffffffffffffffff"},
           Row{"rv > 10", "rv > 0xa"},
           Row{"tiny >= -128", "tiny >= -128"},
           Row{"wide == -9223372036854775808", "wide == -9223372036854775808"},
           Row{"wide == 9223372036854775807", "wide == 9223372036854775807"},
           Row{"caller == 0xffffffff81000100", "caller == 0xffffffff81000100"},
           Row{"cpu >= -1", "cpu >= -1"},
       }) {
    EXPECT_EQ(filter_of(row.condition), row.filter) << row.condition;
  }
}

TEST(Condition, TakesNamesForNumbersWhereTheTypeHasThem) {
  struct Row {
    std::string_view condition, filter;
  };
  for (const Row& row : {
           Row{"timer == TIMER_REL", "timer == 1"},
           Row{"timer != \"TIMER_ABS\"", "timer != 0"},
           Row{"timer > TIMER_NONE", "timer > -1"},
           Row{"timer == 7", "timer == 7"},
           Row{"flag == true", "flag != 0"},
           Row{"flag != false", "flag != 0"},
           Row{"flag == 1", "flag != 0"},
           Row{"flag != true", "flag == 0"},
           Row{"letter == 'x'", "letter == 120"},
           Row{"letter == 120", "letter == 120"},
       }) {
    EXPECT_EQ(filter_of(row.condition), row.filter) << row.condition;
  }
}

TEST(Condition, ComparesText) {
  struct Row {
    std::string_view condition, filter;
  };
  for (const Row& row : {
           Row{"filename == \"/etc/passwd\"", "filename == \"/etc/passwd\""},
           Row{"filename != '/a b'", "filename != \"/a b\""},
           Row{"filename ~ \"*.conf\"", "filename ~ \"*.conf\""},
           Row{"filename == \"it's\"", "filename == \"it's\""},
           Row{"filename == 'a\"b'", "filename == 'a\"b'"},
           Row{"filename == \"\"", "filename == \"\""},
       }) {
    EXPECT_EQ(filter_of(row.condition), row.filter) << row.condition;
  }
}

TEST(Condition, OfAnExistingEventGoesByItsDeclaration) {
  struct Row {
    std::string_view condition, filter;
  };
  for (const Row& row : {
           Row{"pid == -1", "pid == -1"},
           Row{"comm == \"sh\"", "comm == \"sh\""},  // the event's own field of 16 characters
           Row{"name ~ \"x*\"", "name ~ \"x*\""},
           Row{"path == \"/x\"", "path == \"/x\""},
           Row{"flags & 0x10", "flags & 16"},
           Row{"group_dead == true", "group_dead != 0"},
           Row{"tid == 3 && cpu == 0", "(common_pid == 3) && (cpu == 0)"},
       }) {
    const std::string text = "t sched/sched_process_exit if " + std::string(row.condition);
    EXPECT_EQ(translate(text, {}, small_kernel()).filter, row.filter) << row.condition;
  }
  // However the user reads a field: the kernel compares it as it is declared.
  const std::vector<ResolvedArg> args{argument("as_signed", Show::signed_number, 8)};
  std::vector<ResolvedArg> renamed = args;
  renamed[0].kernel_name = "flags";
  EXPECT_EQ(translate("t sched/sched_process_exit as_signed=flags:s64 if as_signed == -1", renamed,
                      small_kernel())
                .filter,
            "flags == 0xffffffffffffffff");
}

TEST(Condition, RemarksOnComparisonsThatSeeNoSign) {
  struct Row {
    std::string_view condition, remarks;
  };
  for (const Row& row : {
           Row{"rv >= 0", "unsigned"},
           Row{"rv < 0", "unsigned"},
           Row{"mode >= 0", "unsigned"},
           Row{"rv > 0", ""},
           Row{"rv == 0", ""},
           Row{"rv >= 1", ""},
           Row{"dfd >= 0", ""},
           Row{"dfd < 0", ""},
       }) {
    EXPECT_EQ(
        translate(std::string(kEntry).append(row.condition), recorded(), small_kernel()).remarks,
        row.remarks)
        << row.condition;
  }
}

/// '^' in the condition stands before the blamed token.
struct ConditionRefusal {
  std::string_view condition;
  ErrorCode code;
  std::string_view blamed, says;
  std::string_view hints = {};
};

void expect_refused(std::string_view head, const ConditionRefusal& row,
                    const std::vector<ResolvedArg>& args) {
  SCOPED_TRACE(row.condition);
  std::string text = std::string(head).append(row.condition);
  const std::size_t caret = text.find('^', head.size());
  ASSERT_NE(caret, std::string::npos);
  text.erase(caret, 1);
  const probespec::ProbeSpec spec = spec_of(text);
  ASSERT_TRUE(spec.condition);
  std::vector<Remark> remarks;
  auto filter = translate_condition(*spec.condition, spec, args, small_kernel(), remarks);
  ASSERT_FALSE(filter.ok()) << *filter;
  const Error& error = filter.error();
  EXPECT_EQ(word(error.code), word(row.code)) << render(error);
  EXPECT_EQ(error.span.begin, caret) << render(error);
  EXPECT_EQ(text.substr(error.span.begin, error.span.end - error.span.begin), row.blamed);
  EXPECT_NE(error.message.find(row.says), std::string::npos) << render(error);
  EXPECT_NE(error.hint.find(row.hints), std::string::npos) << render(error);
}

TEST(Condition, IsRefusedWithTheReason) {
  using enum ErrorCode;
  for (const ConditionRefusal& row : {
           // Names.
           ConditionRefusal{"^nosuch == 1", not_found, "nosuch",
                            "nothing that is recorded is named 'nosuch'",
                            "must stand among the arguments"},
           ConditionRefusal{"dfd == 1 && ^how->mode == 1", not_found, "how->mode", "'how->mode'"},
           ConditionRefusal{"^pid == 1", wrong_place, "pid", "threads, not processes", "'tid'"},
           ConditionRefusal{"^rp == 1", wrong_place, "rp", "only a return probe", "write 'r f'"},
           // What the kernel cannot compare.
           ConditionRefusal{"^list == 1", wrong_place, "list", "it is an array", "one of its"},
           ConditionRefusal{"^bounded == \"x\"", wrong_place, "bounded", "bounded text",
                            "bounded:string"},
           // Text and numbers.
           ConditionRefusal{"filename == ^5", wrong_place, "5", "is text, and this is a number",
                            "in quotes"},
           ConditionRefusal{"filename == ^passwd", wrong_place, "passwd", "with text in quotes",
                            "write \"passwd\""},
           ConditionRefusal{"dfd == ^\"x\"", wrong_place, "\"x\"",
                            "'dfd' is a number, and this is text"},
           ConditionRefusal{"dfd ^~ \"x\"", wrong_place, "~", "not compared with ~"},
           ConditionRefusal{"cpu ^& 1", wrong_place, "&", "not compared with &"},
           ConditionRefusal{"letter == ^\"xy\"", wrong_place, "\"xy\"", "is a number"},
           ConditionRefusal{"caller == ^\"f\"", wrong_place, "\"f\"", "is a number"},
           ConditionRefusal{"flag == ^yes", wrong_place, "yes", "'flag' is true or false"},
           ConditionRefusal{"timer == ^TIMER_RLE", not_found, "TIMER_RLE",
                            "'timer' has no value 'TIMER_RLE'", "did you mean 'TIMER_REL'?"},
           ConditionRefusal{"timer == ^zzzzzzz", not_found, "zzzzzzz", "no value",
                            "it has TIMER_NONE, TIMER_ABS and TIMER_REL"},
           // Ranges.
           ConditionRefusal{"dfd == ^2147483648", bad_number, "2147483648",
                            "'dfd' has 4 bytes: -2147483648 to 2147483647"},
           ConditionRefusal{"dfd == ^-2147483649", bad_number, "-2147483649", "4 bytes"},
           ConditionRefusal{"mode == ^65536", bad_number, "65536",
                            "'mode' has 2 bytes: 0 to 65535"},
           ConditionRefusal{"mode == ^-32769", bad_number, "-32769", "2 bytes"},
           ConditionRefusal{"tiny == ^128", bad_number, "128", "'tiny' has 1 byte: -128 to 127"},
           ConditionRefusal{"wide == ^9223372036854775808", bad_number, "9223372036854775808",
                            "8 bytes"},
           ConditionRefusal{"flag == ^2", bad_number, "2", "0 or 1"},
           ConditionRefusal{"rv < ^-1", bad_number, "-1", "compared without sign", "rv:s64"},
           ConditionRefusal{"mode >= ^-5", bad_number, "-5", "compared without sign", "mode:s16"},
       }) {
    expect_refused(kEntry, row, recorded());
  }
  for (const ConditionRefusal& row : {
           ConditionRefusal{"^args == 1", wrong_place, "args", "it is an array"},
           ConditionRefusal{"^nosuch == 1", not_found, "nosuch", "nothing that is recorded"},
           ConditionRefusal{"path == ^1", wrong_place, "1", "is text"},
       }) {
    expect_refused("t sched/sched_process_exit if ", row, {});
  }
}

TEST(Condition, WithBothKindsOfQuotesIsRefused) {
  // The parser takes no such text; a program may.
  probespec::ProbeSpec spec = spec_of("p f filename=a1:ustring if filename == \"x\"");
  spec.condition->comparison.value = std::string("a'b\"c");
  std::vector<Remark> remarks;
  auto filter = translate_condition(*spec.condition, spec, recorded(), small_kernel(), remarks);
  ASSERT_FALSE(filter.ok()) << *filter;
  EXPECT_EQ(filter.error().code, ErrorCode::wrong_place);
  EXPECT_NE(filter.error().message.find("both kinds of quotes"), std::string::npos);
}

TEST(Condition, FillsAPageAtMost) {
  // "(dfd == 1000) && " is 17 bytes for the kernel, and the last one 4 less.
  const auto condition_of = [](int parts) {
    std::string text(kEntry);
    for (int i = 0; i < parts; ++i) text += i == 0 ? "dfd==1000" : "&&dfd==1000";
    return text;
  };
  EXPECT_EQ(translate(condition_of(241), recorded(), small_kernel()).filter.size(), 4093u);
  const probespec::ProbeSpec spec = spec_of(condition_of(242));
  std::vector<Remark> remarks;
  auto filter = translate_condition(*spec.condition, spec, recorded(), small_kernel(), remarks);
  ASSERT_FALSE(filter.ok());
  EXPECT_EQ(filter.error().code, ErrorCode::too_long);
  EXPECT_NE(filter.error().message.find("4,110 bytes; it takes 4,095"), std::string::npos)
      << filter.error().message;
}

TEST(Condition, BecomesTheProbesFilter) {
  auto probe = resolve_text("p f x=a1:s32 if x >= 0 && comm ~ \"pup*\"", small_kernel());
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  EXPECT_EQ(probe->filter, "(x >= 0) && (comm ~ \"pup*\")");
  probe = resolve_text("p f a1", small_kernel());
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  EXPECT_EQ(probe->filter, "");
}

}  // namespace
}  // namespace kprobed::resolve
