// SPDX-License-Identifier: Apache-2.0
#include "stream/task_table.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "base/format.h"

namespace kprobed::stream {
namespace {

// A story told to a table, one step per line:
//   proc TID COMM     from now on /proc has it ("-": no longer)
//   learn TID COMM    rename TID COMM    fork PTID TID    exit TID    forget
//   exits N           N exits of tids nobody heard of
//   ask TID COMM      the answer must be COMM ("-": nobody knows)
//   looked TIDS...    /proc was asked for these, in this order, since the last "looked"
class Story {
 public:
  Story() : table_([this](std::uint32_t tid, std::string& comm) { return look_up(tid, comm); }) {}

  void tell(const std::string& line) {
    std::istringstream words(line);
    std::string verb, comm;
    std::uint32_t first = 0, second = 0;
    words >> verb;
    if (verb == "proc") {
      words >> first >> comm;
      proc_.erase(first);
      if (comm != "-") proc_[first] = comm;
    } else if (verb == "learn") {
      words >> first >> comm;
      table_.learn(first, comm);
    } else if (verb == "rename") {
      words >> first >> comm;
      table_.on(decode::CommChange{{}, first, first, comm});
    } else if (verb == "fork") {
      words >> first >> second;
      table_.on(decode::Fork{{}, 1, 1, second, first});
    } else if (verb == "exit") {
      words >> first;
      table_.on(decode::Exit{{}, 1, first});
    } else if (verb == "exits") {
      words >> first;
      for (std::uint32_t i = 0; i < first; ++i) table_.on(decode::Exit{{}, 1, stranger_++});
    } else if (verb == "forget") {
      table_.forget_all();
    } else if (verb == "ask") {
      words >> first >> comm;
      const std::string_view answer = table_.comm(first);
      EXPECT_EQ(answer.empty() ? "-" : answer, comm) << line;
    } else if (verb == "looked") {
      std::string expected;
      while (words >> comm) expected += comm + " ";
      EXPECT_EQ(looked_, expected) << line;
      looked_.clear();
    } else {
      FAIL() << "no such step: " << line;
    }
  }

  TaskTable& table() { return table_; }

 private:
  bool look_up(std::uint32_t tid, std::string& comm) {
    looked_ += std::to_string(tid) + " ";
    const auto found = proc_.find(tid);
    if (found == proc_.end()) {
      comm = "half-read";  // what a failed look-up leaves behind must not count
      return false;
    }
    comm = found->second;
    return true;
  }

  std::map<std::uint32_t, std::string> proc_;
  std::string looked_;
  std::uint32_t stranger_ = 1'000'000;
  TaskTable table_;
};

TEST(TaskTableTest, Stories) {
  struct Row {
    const char* name;
    std::vector<std::string> steps;
  };
  const Row rows[] = {
      {"learned at the start", {"learn 5 bash", "ask 5 bash", "looked"}},
      {"asked for once", {"proc 5 bash", "ask 5 bash", "ask 5 bash", "looked 5"}},
      {"gone, and not asked for again", {"ask 5 -", "ask 5 -", "ask 5 -", "looked 5"}},
      {"a name that comes late", {"ask 5 -", "rename 5 ls", "ask 5 ls", "looked 5"}},
      {"a child has its parent's name", {"learn 5 bash", "fork 5 6", "ask 6 bash", "looked"}},
      {"not the one its parent takes later",
       {"learn 5 bash", "fork 5 6", "rename 5 ls", "ask 6 bash", "ask 5 ls", "looked"}},
      {"exec in the child", {"learn 5 bash", "fork 5 6", "rename 6 ls", "ask 6 ls", "ask 5 bash"}},
      {"threads of threads", {"learn 5 java", "fork 5 6", "fork 6 7", "ask 7 java", "looked"}},
      {"an unknown parent is looked up when it forks",
       {"proc 5 bash", "proc 6 ls", "fork 5 6", "proc 5 -", "ask 6 bash", "ask 5 bash",
        "looked 5"}},
      {"a parent that is gone leaves the child to /proc",
       {"proc 6 ls", "fork 5 6", "ask 6 ls", "looked 5 6"}},
      {"a child that was asked for too early",
       {"learn 5 bash", "ask 6 -", "fork 5 6", "ask 6 bash", "looked 6"}},
      {"the name outlives its bearer",
       {"learn 5 bash", "exit 5", "ask 5 bash", "exits 4095", "ask 5 bash", "looked"}},
      {"but not for ever", {"learn 5 bash", "exit 5", "exits 4096", "ask 5 -", "looked 5"}},
      {"a tid given to a new child",
       {"learn 5 bash", "learn 6 ls", "exit 6", "fork 5 6", "ask 6 bash", "exits 5000",
        "ask 6 bash", "looked"}},
      {"a tid given to a child of nobody's",
       {"learn 6 ls", "exit 6", "fork 5 6", "ask 6 -", "looked 5 6"}},
      {"a leader's tid after exec in another thread",
       {"learn 5 java", "exit 5", "rename 5 ls", "exits 5000", "ask 5 ls", "looked"}},
      {"an unknown thread's exit: /proc could only show a successor",
       {"proc 5 other", "exit 5", "ask 5 -", "looked", "exits 4096", "ask 5 other", "looked 5"}},
      {"two exits without the fork between them",
       {"learn 5 bash", "exit 5", "exits 10", "exit 5", "exits 4096", "ask 5 -", "looked 5"}},
      {"lost records: all is asked for again",
       {"learn 5 bash", "ask 6 -", "proc 5 ls", "proc 6 cat", "forget", "ask 5 ls", "ask 6 cat",
        "looked 6 5 6"}},
      {"an exit before forgetting does not count after it",
       {"learn 5 bash", "exit 5", "forget", "learn 5 ls", "exits 5000", "ask 5 ls", "looked"}},
      {"15 bytes fit", {"learn 5 fifteen-bytes-x", "ask 5 fifteen-bytes-x"}},
      {"and no more", {"rename 5 sixteen-bytes-xy", "ask 5 sixteen-bytes-x"}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Story story;
    for (const std::string& step : row.steps) story.tell(step);
  }
}

TEST(TaskTableTest, MemoryIsBounded) {
  Story story;
  const auto most = static_cast<std::uint32_t>(TaskTable::kMaxNames);
  for (std::uint32_t tid = 1; tid <= most; ++tid) story.table().learn(tid, "many");
  EXPECT_EQ(story.table().size(), most);
  story.table().learn(7, "renamed");  // takes no new room
  EXPECT_EQ(story.table().size(), most);
  story.table().learn(most + 1, "last");
  EXPECT_EQ(story.table().size(), 1u);
  story.tell(format("ask {} last", most + 1));
  story.tell("proc 7 again");
  story.tell("ask 7 again");

  // Exits of strangers leave no more than the dying behind, however many they are.
  story.tell("forget");
  story.tell("exits 100000");
  EXPECT_EQ(story.table().size(), TaskTable::kDyingKept);
}

TEST(TaskTableTest, ForkIntoAFullTableCopiesTheParentFirst) {
  Story story;
  const auto most = static_cast<std::uint32_t>(TaskTable::kMaxNames);
  for (std::uint32_t tid = 1; tid <= most; ++tid) story.table().learn(tid, "many");
  story.tell(format("fork 1 {}", most + 1));
  story.tell(format("ask {} many", most + 1));
}

}  // namespace
}  // namespace kprobed::stream
