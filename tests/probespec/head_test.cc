// SPDX-License-Identifier: Apache-2.0
//
// The first word: which machinery, which names.
#include "mistakes.h"

namespace kprobed::probespec {
namespace {

TEST(Head, TakesEveryLetterAndName) {
  const std::string longest(kMaxEventNameBytes, 'n');
  const struct {
    std::string text, printed;
    ProbeKind kind;
    Mechanism mechanism;
    std::string group, event;
    unsigned max_active;
    std::string event_span;
  } rows[] = {
      {"p f", "p f", ProbeKind::entry, Mechanism::probe, "", "", 0, ""},
      {"r f", "r f", ProbeKind::on_return, Mechanism::probe, "", "", 0, ""},
      {"f g", "f g", ProbeKind::entry, Mechanism::fprobe, "", "", 0, ""},
      {"f g%return", "f g%return", ProbeKind::on_return, Mechanism::fprobe, "", "", 0, ""},
      {"t g", "t g", ProbeKind::entry, Mechanism::tracepoint, "", "", 0, ""},
      {"t g/e", "t g/e", ProbeKind::entry, Mechanism::event, "", "", 0, ""},
      {"p:ev f", "p:ev f", ProbeKind::entry, Mechanism::probe, "", "ev", 0, "ev"},
      {"p:_g/_e f", "p:_g/_e f", ProbeKind::entry, Mechanism::probe, "_g", "_e", 0, "_g/_e"},
      {"p:grp.ev f", "p:grp/ev f", ProbeKind::entry, Mechanism::probe, "grp", "ev", 0, "grp.ev"},
      {"p:g-1/ev f", "p:g-1/ev f", ProbeKind::entry, Mechanism::probe, "g-1", "ev", 0, "g-1/ev"},
      {"p:grp/ f", "p:grp/ f", ProbeKind::entry, Mechanism::probe, "grp", "", 0, "grp/"},
      {"p:grp. f", "p:grp/ f", ProbeKind::entry, Mechanism::probe, "grp", "", 0, "grp."},
      {"t:g/e a/b", "t:g/e a/b", ProbeKind::entry, Mechanism::event, "g", "e", 0, "g/e"},
      {"f:e x", "f:e x", ProbeKind::entry, Mechanism::fprobe, "", "e", 0, "e"},
      {"p:" + longest + "/" + longest + " f", "p:" + longest + "/" + longest + " f",
       ProbeKind::entry, Mechanism::probe, longest, longest, 0, longest + "/" + longest},
      {"r1 f", "r1 f", ProbeKind::on_return, Mechanism::probe, "", "", 1, ""},
      {"r4096 f", "r4096 f", ProbeKind::on_return, Mechanism::probe, "", "", 4096, ""},
      // kstrtouint base 0 (kernel/trace/trace_kprobe.c)
      {"r0x10 f", "r16 f", ProbeKind::on_return, Mechanism::probe, "", "", 16, ""},
      {"r010:g/e f", "r8:g/e f", ProbeKind::on_return, Mechanism::probe, "g", "e", 8, "g/e"},
      {"p:e f%return", "r:e f", ProbeKind::on_return, Mechanism::probe, "", "e", 0, "e"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const ProbeSpec spec = parse_one(row.text);
    EXPECT_EQ(print(spec), row.printed);
    EXPECT_EQ(spec.kind, row.kind);
    EXPECT_EQ(spec.mechanism, row.mechanism);
    EXPECT_EQ(spec.group, row.group);
    EXPECT_EQ(spec.event, row.event);
    EXPECT_EQ(spec.max_active, row.max_active);
    EXPECT_EQ(spec.event_span.known(), !row.event_span.empty());
    EXPECT_EQ(covered(spec.event_span), row.event_span);
    EXPECT_EQ(covered(spec.kind_span), row.text.substr(0, row.text.find(' ')));
  }
}

TEST(Head, Mistakes) {
  const std::string too_long(kMaxEventNameBytes + 1, 'n');
  const Mistake rows[] = {
      {"^x vfs_read", ErrorCode::syntax, "x", "'p' (at a function's entry), 'r' (at its return)"},
      {"^vfs_read a1", ErrorCode::syntax, "vfs_read", ": p vfs_read"},
      {"^P vfs_read", ErrorCode::syntax, "P", "write 'p'"},
      {"^F vfs_read", ErrorCode::syntax, "F", "write 'f'"},
      {"^kretprobe vfs_read", ErrorCode::syntax, "kretprobe", "write 'r'"},
      {"^uprobe /bin/bash:main", ErrorCode::syntax, "uprobe", "write 'p'"},
      {"^tracepoint sched/sched_switch", ErrorCode::syntax, "tracepoint", "write 't'"},
      {"^'p vfs_read'", ErrorCode::syntax, "'p", "''p' is not a kind of probe"},
      {"^p+8 vfs_read", ErrorCode::syntax, "p+8", "not a kind of probe"},
      {"^: vfs_read", ErrorCode::syntax, ":", "not a kind of probe"},
      {"^if x == 1", ErrorCode::syntax, "if", "not a kind of probe"},
      {"p^", ErrorCode::syntax, "", "where to probe is missing"},
      {"p^ if x == 1", ErrorCode::syntax, "", "where to probe is missing"},
      {"  r^   # nothing", ErrorCode::syntax, "", "r vfs_read"},
      {"t^", ErrorCode::syntax, "", "t sched/sched_switch"},
      // names; the kernel: NO_EVENT_NAME, NO_GROUP_NAME, BAD_..._NAME, ..._TOO_LONG
      {"p^: f", ErrorCode::syntax, ":", "the name is missing"},
      {"p:^/ev f", ErrorCode::syntax, "/", "the group's name is missing"},
      {"p:^/ f", ErrorCode::syntax, "/", "the group's name is missing"},
      {"p:^1ev f", ErrorCode::bad_name, "1ev", "cannot be the name of an event"},
      {"p:grp/^e-1 f", ErrorCode::bad_name, "e-1", "cannot be the name of an event"},
      {"p:grp/^e/x f", ErrorCode::bad_name, "e/x", "cannot be the name of an event"},
      {"p:^-g/e f", ErrorCode::bad_name, "-g", "cannot be the name of a group"},
      {"p:^1g/e f", ErrorCode::bad_name, "1g", "cannot be the name of a group"},
      {"p:^g+/e f", ErrorCode::bad_name, "g+", "cannot be the name of a group"},
      {"p:^" + too_long + " f", ErrorCode::too_long, too_long, "64 bytes, the kernel takes 63"},
      {"p:^" + too_long + "/e f", ErrorCode::too_long, too_long, "the kernel takes 63"},
      {"p:g/^" + too_long + " f", ErrorCode::too_long, too_long, "the kernel takes 63"},
      // MAXACTIVE; the kernel: BAD_MAXACT, MAXACT_TOO_BIG, BAD_MAXACT_TYPE
      {"r^0 vfs_read", ErrorCode::bad_number, "0", "at least one call"},
      {"r^4097 vfs_read", ErrorCode::bad_number, "4097", "largest possible value is 4096"},
      {"r^10x:ev vfs_read", ErrorCode::bad_number, "10x", "not a number"},
      {"p^10 vfs_read", ErrorCode::syntax, "10", "no meaning"},
      {"p^10:ev vfs_read%return", ErrorCode::syntax, "10", "said of 'r'"},
      {"f^10 vfs_read%return", ErrorCode::syntax, "10", "no meaning"},
      // the forms of dynamic_events that are not of this language
      {"^-:ev", ErrorCode::syntax, "-:", "write 'kprobectl remove ev'"},
      {"^-:grp/ev vfs_read", ErrorCode::syntax, "-:", "cannot remove one"},
      {"^-", ErrorCode::syntax, "-", "write 'kprobectl remove NAME'"},
      {"^!p:ev vfs_read", ErrorCode::syntax, "!", "write 'kprobectl remove ev'"},
      {"^e:ev sched/sched_switch", ErrorCode::syntax, "e", "'t GROUP/EVENT'"},
      {"^s:ev u64 x", ErrorCode::syntax, "s", "'s' is a synthetic event"},
      {"^u:ev /bin/bash:main", ErrorCode::syntax, "u", "p /path:SYMBOL"},
  };
  expect_each(rows);
}

}  // namespace
}  // namespace kprobed::probespec
