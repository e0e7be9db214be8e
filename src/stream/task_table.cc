// SPDX-License-Identifier: Apache-2.0
#include "stream/task_table.h"

#include <algorithm>
#include <utility>

namespace kprobed::stream {

TaskTable::TaskTable(Lookup lookup) : lookup_(std::move(lookup)) {}

void TaskTable::find(std::uint32_t tid) {
  auto known = names_.find(tid);
  if (known == names_.end()) {
    found_.clear();
    if (!lookup_(tid, found_)) found_.clear();
    put(tid, found_);
    known = names_.find(tid);
  }
  // An entry's address is its own for as long as it lives (unordered_map).
  last_ = &known->second;
  last_tid_ = tid;
}

void TaskTable::learn(std::uint32_t tid, std::string_view comm) { put(tid, comm); }

void TaskTable::on(const decode::CommChange& change) { put(change.tid, change.comm); }

void TaskTable::on(const decode::Fork& fork) {
  const std::string parent(comm(fork.ptid));  // a copy: put() may move what comm() showed
  if (parent.empty())
    forget(names_.find(fork.tid));
  else
    put(fork.tid, parent);
}

void TaskTable::on(const decode::Exit& exit) {
  const auto known = names_.find(exit.tid);
  const Name& name = known == names_.end() ? put(exit.tid, {}) : known->second;
  dying_.emplace_back(exit.tid, name.generation);
  if (dying_.size() <= kDyingKept) return;
  const auto [tid, generation] = dying_.front();
  dying_.pop_front();
  const auto oldest = names_.find(tid);
  // Another generation: the tid has been given to somebody else, who may well be alive.
  if (oldest != names_.end() && oldest->second.generation == generation) forget(oldest);
}

void TaskTable::forget(Names::iterator name) {
  if (name == names_.end()) return;
  if (&name->second == last_) last_ = nullptr;
  names_.erase(name);
}

void TaskTable::forget_all() {
  last_ = nullptr;
  names_.clear();
  dying_.clear();
}

TaskTable::Name& TaskTable::put(std::uint32_t tid, std::string_view comm) {
  if (names_.size() >= kMaxNames && !names_.contains(tid)) forget_all();
  Name& name = names_[tid];
  name.length = static_cast<std::uint8_t>(std::min(comm.size(), sizeof name.text));
  comm.copy(name.text, name.length);
  name.generation = ++generation_;
  return name;
}

}  // namespace kprobed::stream
