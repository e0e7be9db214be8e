// SPDX-License-Identifier: Apache-2.0
//
// Which name (comm) a thread had when its event happened: from COMM and FORK records in the
// stream's own order; from /proc for those that lived before, and after records were lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "decode/record.h"

namespace kprobed::stream {

/// Processes and threads alike: everything goes by tid, as the kernel's comm does. Tids are those
/// of the records, that is of the pid namespace in which the events were opened. 0 is the idle task
/// (or, in an inner namespace, anybody outside it); /proc has no such entry, so only learn() or the
/// Lookup can name it.
class TaskTable {
 public:
  /// Fills `comm` (at most 15 bytes, the rest is cut) for a tid that is not in the table; false if
  /// it is gone. Called at most once per unknown tid until that tid forks, exits or is renamed, or
  /// all is forgotten.
  using Lookup = std::function<bool(std::uint32_t tid, std::string& comm)>;

  /// More names than this (some 8 MiB) are not kept: then everything is forgotten, and asked for
  /// again as it is needed.
  static constexpr std::size_t kMaxNames = std::size_t{1} << 17;
  /// A thread's name outlives this many exits of others.
  static constexpr std::size_t kDyingKept = 4096;

  explicit TaskTable(Lookup lookup);

  void learn(std::uint32_t tid, std::string_view comm);
  /// Also brings a tid back that has exited: when a thread calls execve, the leader exits and the
  /// caller goes on under the leader's tid, without a FORK (fs/exec.c de_thread()).
  void on(const decode::CommChange& change);
  /// The child has the name of the thread that forked it (ptid), as kernel/fork.c copies it. An
  /// unknown parent is looked up; if nobody knows it, the child is looked up when it has an event.
  /// Whoever had the child's tid before is forgotten.
  void on(const decode::Fork& fork);
  /// The name stays for events that the dying thread still causes, until kDyingKept other threads
  /// have exited. A thread without a name gets none any more: /proc could only tell of a successor.
  void on(const decode::Exit& exit);
  /// Side-band records were lost: what is known may be wrong. Forgets all names.
  void forget_all();

  /// "" if nobody knows. Valid until the next call of a non-const method.
  std::string_view comm(std::uint32_t tid) {
    // Neighbouring events mostly come from the same thread.
    if (last_ == nullptr || tid != last_tid_) find(tid);
    return {last_->text, last_->length};
  }

  /// Names and remembered failures to find one.
  std::size_t size() const { return names_.size(); }

 private:
  struct Name {
    char text[15];
    std::uint8_t length;       ///< 0: nobody knows
    std::uint32_t generation;  ///< tells one bearer of a tid from the next
  };
  using Names = std::unordered_map<std::uint32_t, Name>;
  void find(std::uint32_t tid);
  void forget(Names::iterator name);
  Name& put(std::uint32_t tid, std::string_view comm);

  Lookup lookup_;
  Names names_;
  std::uint32_t generation_ = 0;
  const Name* last_ = nullptr;  ///< that of last_tid_, until any name is taken away
  std::uint32_t last_tid_ = 0;
  std::deque<std::pair<std::uint32_t, std::uint32_t>>
      dying_;  ///< tid and its generation, oldest first
  std::string found_;
};

}  // namespace kprobed::stream
