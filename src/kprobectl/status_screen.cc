// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/status_screen.h"

#include <pwd.h>

#include "base/format.h"
#include "base/text.h"
#include "kprobectl/daemon.h"
#include "kprobectl/text_table.h"
#include "kprobectl/units.h"

namespace kprobed::kprobectl {

namespace {

constexpr auto kLeft = TextTable::Align::left;
constexpr auto kRight = TextTable::Align::right;

std::string user_name(std::uint32_t uid) {
  char buffer[4096];
  passwd entry{}, *found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer, sizeof buffer, &found) == 0 && found != nullptr)
    return found->pw_name;
  return std::to_string(uid);
}

std::string rate_text(double per_second) {
  if (per_second < 100) return format("{:.1f}", per_second);
  return with_thousands(static_cast<std::uint64_t>(per_second + 0.5));
}

std::string last_hit_text(const wire::ProbeInfo& probe) {
  if (probe.last_hit_ms_ago) return duration_text(*probe.last_hit_ms_ago) + " ago";
  return probe.hits == 0 ? "never" : "-";
}

std::string probe_table(const std::vector<wire::ProbeInfo>& probes) {
  if (probes.empty()) return "no probes\n";
  TextTable table({{"PROBE", kLeft},
                   {"STATE", kLeft},
                   {"RATE/s", kRight},
                   {"HITS", kRight},
                   {"LAST HIT", kRight},
                   {"MISSED", kRight},
                   {"LOST", kRight},
                   {"OWNER", kLeft}});
  for (const wire::ProbeInfo& probe : probes) {
    table.row({probe.name, probe.state, rate_text(probe.rate), with_thousands(probe.hits),
               last_hit_text(probe), probe.missed ? with_thousands(*probe.missed) : "-",
               probe.lost ? with_thousands(*probe.lost) : "?", user_name(probe.owner_uid)});
    for (const std::string& remark : remarks_about(probe)) table.remark(remark);
  }
  return table.text();
}

std::string client_table(const std::vector<wire::ClientInfo>& clients) {
  if (clients.empty()) return "no clients\n";
  TextTable table({{"CLIENT PID", kRight},
                   {"USER", kLeft},
                   {"STREAM", kLeft},
                   {"LAG", kRight},
                   {"SENT", kRight},
                   {"DROPPED", kRight}});
  for (const wire::ClientInfo& client : clients) {
    table.row({std::to_string(client.pid), user_name(client.uid), client.subscribed ? "yes" : "no",
               with_thousands(client.lag), with_thousands(client.sent),
               with_thousands(client.dropped)});
  }
  return table.text();
}

std::string memory_line(const wire::StatusReply& status) {
  if (status.kernel_memory_max == 0) return {};  // an older kprobed
  const std::uint64_t used = status.ring_bytes + status.event_bytes;
  return format("memory  {} of {} of the kernel's ({:.0f} %): rings {}, events {}\n",
                size_text(used), size_text(status.kernel_memory_max),
                100 * static_cast<double>(used) / static_cast<double>(status.kernel_memory_max),
                size_text(status.ring_bytes), size_text(status.event_bytes));
}

std::string files_line(const wire::StatusReply& status) {
  if (status.descriptors_max == 0) return {};
  return format("files   {} of {} descriptors open\n", with_thousands(status.descriptors),
                with_thousands(status.descriptors_max));
}

std::string log_line(const wire::StatusReply& status) {
  std::string line =
      format("log     {} of {}", size_text(status.log_bytes), size_text(status.log_max_bytes));
  if (status.log_max_bytes != 0) {
    line += format(" ({:.0f} %)", 100 * static_cast<double>(status.log_bytes) /
                                      static_cast<double>(status.log_max_bytes));
  }
  if (status.log_next_seq > status.log_oldest_seq) {
    line += format(", seq {} to {}", status.log_oldest_seq, status.log_next_seq - 1);
  }
  return line + "\n";
}

std::string events_line(const wire::StatusReply& status) {
  std::string line =
      format("events  {} read, {} published, {} lost", with_thousands(status.events_read),
             with_thousands(status.events_published), with_thousands(status.events_lost));
  const auto more = [&line](std::uint64_t count, std::string_view what) {
    if (count != 0) line += format(", {} {}", with_thousands(count), what);
  };
  more(status.events_excluded, "of kprobed and its readers left out");
  more(status.events_malformed, "malformed");
  more(status.events_unclaimed, "of removed probes");
  more(status.events_discarded, "of other builds of modules");
  return line + "\n";
}

/// Why a comm may be wrong; "" if none was lost.
std::string names_line(const wire::StatusReply& status) {
  if (status.side_band_lost == 0) return {};
  return format(
      "names   {} records of tasks and modules lost: a comm around then may be missing, or of "
      "later\n",
      with_thousands(status.side_band_lost));
}

}  // namespace

std::string probe_names(const std::vector<wire::ProbeInfo>& probes) {
  std::string out;
  for (const wire::ProbeInfo& probe : probes) out += shown(probe.name) + "\n";
  return out;
}

std::string probe_list(const std::vector<wire::ProbeInfo>& probes) {
  if (probes.empty()) return "no probes\n";
  TextTable table(
      {{"PROBE", kLeft}, {"STATE", kLeft}, {"HITS", kRight}, {"EXPIRES", kLeft}, {"SPEC", kLeft}});
  for (const wire::ProbeInfo& probe : probes) {
    table.row({probe.name, probe.state, with_thousands(probe.hits),
               probe.expires_ms ? "in " + duration_text(*probe.expires_ms) : "-", probe.spec});
  }
  return table.text();
}

std::string status_screen(const wire::StatusReply& status) {
  std::string out = format("kprobed {}, up {}, stream {}\n", shown(status.version),
                           duration_text(status.uptime_ms), shown(status.stream));
  out += format("kernel  {} {}\n", shown(status.kernel), shown(status.arch));
  out += status.cpus == 0 ? std::string("rings   none: no probe has been armed yet\n")
                          : format("rings   {} on {} {}, the fullest lately {} % full\n",
                                   size_text(status.ring_bytes), status.cpus,
                                   status.cpus == 1 ? "CPU" : "CPUs", status.ring_peak_percent);
  out += memory_line(status) + files_line(status) + log_line(status);
  out += events_line(status);
  out += names_line(status);
  for (const std::string& warning : status.warnings) out += "warning: " + shown(warning) + "\n";
  out += "\n" + probe_table(status.probes) + "\n" + client_table(status.clients);
  return out;
}

std::vector<std::string> remarks_about(const wire::ProbeInfo& probe) {
  std::vector<std::string> remarks;
  if (!probe.reason.empty()) remarks.push_back(probe.state + ": " + probe.reason);
  for (const wire::Note& note : probe.notes)
    remarks.push_back(note.hint.empty() ? note.message : note.message + "; " + note.hint);
  if (probe.expires_ms) remarks.push_back("goes in " + duration_text(*probe.expires_ms));
  // A note says it better.
  if (probe.state == "armed" && probe.hits == 0 && probe.notes.empty()) {
    remarks.push_back(
        "never hit: nothing has called it since, or the compiler has inlined it where it is "
        "called");
  }
  if (probe.missed.value_or(0) != 0) {
    remarks.push_back(probe.spec.starts_with('r')
                          ? "missed: more calls at a time than the kernel keeps track of"
                          : "missed: hit while another probe was at work on that CPU");
  }
  if (probe.lost.value_or(0) != 0)
    remarks.push_back(
        "lost: the rings were full; larger ones lose less (ring size in kprobed.conf)");
  return remarks;
}

}  // namespace kprobed::kprobectl
