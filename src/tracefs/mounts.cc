// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "tracefs/tracefs.h"

namespace kprobed::tracefs {
namespace {

/// seq_path() writes blank, tab, newline and backslash as three octal digits (fs/seq_file.c).
std::string unescape(std::string_view text) {
  std::string out;
  const auto octal = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '7'; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
      out +=
          static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + text[i + 3] - '0');
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::vector<Mount> parse_mountinfo(std::string_view text) {
  std::vector<Mount> mounts;
  for (const std::string_view line : split_lines(text)) {
    // 21 42 0:13 / /sys/kernel/tracing rw,relatime shared:7 - tracefs tracefs rw
    //            4 5                   6           7...       type
    const auto words = split_words(line);
    if (words.size() < 7) continue;
    const auto dash = std::find(words.begin() + 6, words.end(), "-");
    if (dash == words.end() || dash + 1 == words.end()) continue;
    mounts.push_back({unescape(words[3]), unescape(words[4]), std::string(dash[1])});
  }
  return mounts;
}

std::vector<std::string> candidate_roots(const std::vector<Mount>& mounts) {
  std::vector<std::string> best, other, debugfs;
  for (auto mount = mounts.begin(); mount != mounts.end(); ++mount) {
    // A bind mount of some directory in it (an instance, say) has no kprobe_events.
    if (mount->root != "/") continue;
    const bool hidden = std::any_of(mount + 1, mounts.end(),
                                    [&](const Mount& m) { return m.point == mount->point; });
    if (hidden) continue;
    if (mount->type == "tracefs") {
      (mount->point == kMountPoint ? best : other).push_back(mount->point);
    } else if (mount->type == "debugfs") {
      debugfs.push_back(mount->point + "/tracing");
    }
  }
  best.insert(best.end(), other.begin(), other.end());
  best.insert(best.end(), debugfs.begin(), debugfs.end());
  return best;
}

std::string parse_lockdown(std::string_view text) {
  const std::size_t open = text.find('[');
  if (open == std::string_view::npos) return "";
  const std::size_t close = text.find(']', open);
  if (close == std::string_view::npos) return "";
  return std::string(text.substr(open + 1, close - open - 1));
}

}  // namespace kprobed::tracefs
