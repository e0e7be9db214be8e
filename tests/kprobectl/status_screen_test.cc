// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/status_screen.h"

#include <gmock/gmock.h>

namespace kprobed::kprobectl {
namespace {

using testing::HasSubstr;

wire::ProbeInfo probe() {
  wire::ProbeInfo probe;
  probe.missed = 0;
  probe.name = "do_sys_openat2";
  probe.spec = "p do_sys_openat2 a1";
  probe.state = "armed";
  probe.cpus = 2;
  probe.hits = 1234;
  probe.rate = 12.34;
  probe.lost = 0;
  probe.last_hit_ms_ago = 2100;
  return probe;
}

template <typename Change>
wire::ProbeInfo changed(Change change) {
  wire::ProbeInfo info = probe();
  change(info);
  return info;
}

wire::StatusReply status() {
  wire::StatusReply status;
  status.version = "0.1.0";
  status.stream = "s1";
  status.kernel = "6.1.0-37-amd64";
  status.arch = "x86_64";
  status.uptime_ms = 11'520'000;
  status.cpus = 2;
  status.ring_bytes = 4 << 20;
  status.ring_peak_percent = 3;
  status.event_bytes = 67'600;
  status.kernel_memory_max = 64 << 20;
  status.descriptors = 61;
  status.descriptors_max = 1 << 20;
  status.log_bytes = 16 << 20;
  status.log_max_bytes = 64 << 20;
  status.log_oldest_seq = 1;
  status.log_next_seq = 1235;
  status.events_read = 1300;
  status.events_published = 1234;
  status.events_excluded = 66;
  return status;
}

TEST(StatusScreen, OneScreen) {
  wire::StatusReply reply = status();
  reply.warnings = {"there is no group kprobed"};
  reply.probes = {probe(), changed([](wire::ProbeInfo& p) {
                    p.name = "vfs_read_ret";
                    p.spec = "r vfs_read rv";
                    p.state = "disabled";
                    p.hits = 0;
                    p.rate = 0;
                    p.lost.reset();
                    p.last_hit_ms_ago.reset();
                    p.owner_uid = 4'000'000'000;
                    p.expires_ms = 60'000;
                  })};
  reply.clients = {
      {.pid = 4242, .uid = 0, .subscribed = true, .lag = 3, .sent = 1200, .dropped = 0}};
  EXPECT_EQ(status_screen(reply),
            "kprobed 0.1.0, up 3h 12m, stream s1\n"
            "kernel  6.1.0-37-amd64 x86_64\n"
            "rings   4.0 MiB on 2 CPUs, the fullest lately 3 % full\n"
            "memory  4.1 MiB of 64.0 MiB of the kernel's (6 %): rings 4.0 MiB, events 66.0 KiB\n"
            "files   61 of 1,048,576 descriptors open\n"
            "log     16.0 MiB of 64.0 MiB (25 %), seq 1 to 1234\n"
            "events  1,300 read, 1,234 published, 0 lost, 66 of kprobed and its readers left out\n"
            "warning: there is no group kprobed\n"
            "\n"
            "PROBE           STATE     RATE/s   HITS  LAST HIT  MISSED  LOST  OWNER\n"
            "do_sys_openat2  armed       12.3  1,234    2s ago       0     0  root\n"
            "vfs_read_ret    disabled     0.0      0     never       0     ?  4000000000\n"
            "    goes in 1m\n"
            "\n"
            "CLIENT PID  USER  STREAM  LAG   SENT  DROPPED\n"
            "      4242  root  yes       3  1,200        0\n");
}

TEST(StatusScreen, LostNamesAreShownOnlyWhereThereAreSome) {
  wire::StatusReply reply = status();
  EXPECT_THAT(status_screen(reply), testing::Not(HasSubstr("names ")));
  reply.side_band_lost = 1'042;
  EXPECT_THAT(status_screen(reply), HasSubstr("left out\n"
                                              "names   1,042 records of tasks and modules lost"));
}

TEST(StatusScreen, BeforeTheFirstProbe) {
  wire::StatusReply reply;
  reply.version = "0.1.0";
  const std::string screen = status_screen(reply);
  EXPECT_THAT(screen, HasSubstr("rings   none: no probe has been armed yet\n"));
  EXPECT_THAT(screen, HasSubstr("\nlog     0 bytes of 0 bytes\n"));
  EXPECT_THAT(screen, testing::Not(HasSubstr("memory"))) << "an older kprobed does not tell";
  EXPECT_THAT(screen, HasSubstr("\nno probes\n\nno clients\n"));
}

TEST(StatusScreen, Remarks) {
  const wire::Note inlined{.code = "inlined",
                           .message = "this kernel has inlined do_sys_open",
                           .hint = "try do_sys_openat2"};
  const struct {
    wire::ProbeInfo probe;
    std::vector<std::string> remarks;  ///< how each begins
  } rows[] = {
      {probe(), {}},
      {changed([](auto& p) { p.hits = 0; }), {"never hit: nothing has called it"}},
      {changed([&](auto& p) {
         p.hits = 0;
         p.notes = {inlined};
       }),
       {"this kernel has inlined do_sys_open; try do_sys_openat2"}},
      {changed([](auto& p) {
         p.hits = 0;
         p.state = "disabled";
       }),
       {}},
      {changed([](auto& p) {
         p.state = "held";
         p.reason = "after three crashes";
       }),
       {"held: after three crashes"}},
      {changed([](auto& p) { p.missed = 1; }), {"missed: hit while another probe"}},
      {changed([](auto& p) {
         p.missed = 1;
         p.spec = "r vfs_read";
       }),
       {"missed: more calls at a time"}},
      {changed([](auto& p) { p.lost = 5; }), {"lost: the rings were full"}},
      {changed([](auto& p) { p.expires_ms = 90'000; }), {"goes in 1m 30s"}},
  };
  for (const auto& row : rows) {
    const auto remarks = remarks_about(row.probe);
    ASSERT_EQ(remarks.size(), row.remarks.size());
    for (std::size_t i = 0; i < remarks.size(); ++i)
      EXPECT_THAT(remarks[i], testing::StartsWith(row.remarks[i]));
  }
}

TEST(StatusScreen, Lists) {
  const std::vector<wire::ProbeInfo> probes = {probe(), changed([](wire::ProbeInfo& p) {
                                                 p.name = "x";
                                                 p.expires_ms = 600'000;
                                                 p.spec = "p x";
                                               })};
  EXPECT_EQ(probe_list(probes),
            "PROBE           STATE   HITS  EXPIRES  SPEC\n"
            "do_sys_openat2  armed  1,234  -        p do_sys_openat2 a1\n"
            "x               armed  1,234  in 10m   p x\n");
  EXPECT_EQ(probe_names(probes), "do_sys_openat2\nx\n");
  EXPECT_EQ(probe_list({}), "no probes\n");
  EXPECT_EQ(probe_names({}), "");
}

TEST(StatusScreen, NothingReachesTheTerminalButText) {
  const std::string attack = "\x1b[2J\xc2\x9b\n";
  wire::StatusReply reply = status();
  reply.version = reply.stream = reply.kernel = reply.arch = attack;
  reply.warnings = {attack};
  reply.probes = {changed([&](wire::ProbeInfo& p) {
    p.name = p.spec = p.state = p.reason = attack;
    p.notes = {{.code = "x", .message = attack, .hint = attack}};
  })};
  for (const std::string& text :
       {status_screen(reply), probe_list(reply.probes), probe_names(reply.probes)}) {
    for (const char c : text) ASSERT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << text;
  }
}

}  // namespace
}  // namespace kprobed::kprobectl
