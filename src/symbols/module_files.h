// SPDX-License-Identifier: Apache-2.0
//
// The files of modules that could be loaded, as depmod lists them, and the index of their
// functions. The index is made on the first question that needs it, which takes as long as reading
// thousands of files does: a daemon has that done by a thread of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.h"
#include "resolve/kernel_view.h"
#include "symbols/module_image.h"
#include "symbols/module_index.h"

namespace kprobed::symbols {

class ModuleFiles {
 public:
  enum class Reading : std::uint8_t { at_once, in_background };
  /// `folder`: /lib/modules/RELEASE; its last part is the release.
  ModuleFiles(std::string folder, Reading reading);
  ~ModuleFiles();
  ModuleFiles(const ModuleFiles&) = delete;
  ModuleFiles& operator=(const ModuleFiles&) = delete;

  /// Of the kernel that runs.
  static std::string running_folder();

  /// As KernelView has it, but of loaded modules too. In the background: busy, until all files
  /// have been read.
  Result<resolve::ModuleSearch> modules_with(std::string_view function);
  Result<resolve::ModuleFunction> function_in(std::string_view module, std::string_view function);
  /// The bytes of its .BTF. not_found: there is no such module.
  Result<std::string> types_of(std::string_view module);

  /// Calls it once nothing is being read: at once, or later on the thread that reads.
  void when_read(std::function<void()> then);
  /// Ends the thread, after it has called who waits. For good.
  void stop();

 private:
  struct Listing {
    std::vector<ModuleFile> files;
    std::int64_t seconds = 0, nanoseconds = 0, bytes = 0;  ///< of modules.dep
    bool operator==(const Listing& other) const {
      return seconds == other.seconds && nanoseconds == other.nanoseconds && bytes == other.bytes;
    }
  };
  using List = std::shared_ptr<const Listing>;
  Result<List> listing();
  Result<ModuleImage> open(std::string_view module);
  Result<void> read_in_background(const List& list);

  const std::string folder_;
  const Reading reading_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;  ///< of what follows
  List list_;
  List indexed_;  ///< what index_ is of; null: there is none
  std::shared_ptr<const ModuleIndex> index_;
  bool busy_ = false;
  std::vector<std::function<void()>> waiting_;
  std::thread thread_;
};

/// The error of a question that must be asked again after when_read().
bool is_still_reading(const Error& error);

}  // namespace kprobed::symbols
