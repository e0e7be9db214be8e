// SPDX-License-Identifier: Apache-2.0
//
// Which module's file has a function of that name: hashes of all functions' names of all files,
// 8 bytes each, since the names of a distribution's modules would be tens of MB. Who asks looks
// into the file itself then.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kprobed::symbols {

struct ModuleFile {
  std::string name;  ///< as /proc/modules has it: "snd_pcm"
  std::string path;
};

/// depmod's modules.dep: "kernel/drivers/net/dummy.ko.xz: kernel/a.ko ..." per line, paths from
/// `folder` on unless they are absolute. Of several files for one module the first, as modprobe
/// takes it. At most kMostFiles. Pure.
std::vector<ModuleFile> parse_modules_dep(std::string_view text, const std::string& folder);
inline constexpr std::size_t kMostFiles = 65'536;

/// "kernel/sound/core/snd-pcm.ko.xz" is snd_pcm. "" for what is no module's file.
std::string module_of_file(std::string_view path);

class ModuleIndex {
 public:
  /// Reads all the files; gives up soon after `stop` was set. Some 4,000 files: see
  /// docs/kernel-notes.md for what that takes.
  static ModuleIndex build(const std::vector<ModuleFile>& files, const std::atomic<bool>& stop);

  /// Indexes of the files that may have it, ascending: nearly always those that have.
  std::vector<std::uint32_t> may_have(std::string_view function) const;

  std::size_t functions() const { return entries_.size(); }
  /// Files that could not be read, and why the first could not.
  std::size_t unread() const { return unread_; }
  const std::string& why_unread() const { return why_unread_; }

 private:
  std::vector<std::pair<std::uint32_t, std::uint32_t>> entries_;  ///< (hash, file), sorted
  std::size_t unread_ = 0;
  std::string why_unread_;
};

}  // namespace kprobed::symbols
