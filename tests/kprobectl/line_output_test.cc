// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/line_output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "base/unique_fd.h"

namespace kprobed::kprobectl {
namespace {

struct Pipe {
  Pipe() {
    int fds[2];
    EXPECT_EQ(::pipe2(fds, O_CLOEXEC), 0);
    reader.reset(fds[0]);
    writer.reset(fds[1]);
  }
  UniqueFd reader, writer;
};

std::string read_all(int fd) {
  std::string text;
  char buffer[1000];
  for (ssize_t got = 0; (got = ::read(fd, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(got));
  return text;
}

TEST(LineOutput, WritesWhatWasGathered) {
  Pipe pipe;
  StopSignal stop;
  LineOutput output(pipe.writer.get(), stop);
  output.buffer() += "one\n";
  output.buffer() += "two\n";
  EXPECT_TRUE(output.flush());
  EXPECT_TRUE(output.buffer().empty());
  EXPECT_FALSE(output.broken());
  pipe.writer.reset();
  EXPECT_EQ(read_all(pipe.reader.get()), "one\ntwo\n");
}

TEST(LineOutput, WaitsForASlowReader) {
  Pipe pipe;
  ASSERT_EQ(::fcntl(pipe.writer.get(), F_SETPIPE_SZ, 4096), 4096);
  StopSignal stop;
  LineOutput output(pipe.writer.get(), stop);
  const std::string text(1'000'000, 'x');
  output.buffer() = text;
  std::string got;
  std::thread reader([&] { got = read_all(pipe.reader.get()); });
  EXPECT_TRUE(output.flush());
  pipe.writer.reset();
  reader.join();
  EXPECT_EQ(got.size(), text.size());
}

TEST(LineOutput, AReaderThatHasClosed) {
  Pipe pipe;
  StopSignal stop;
  LineOutput output(pipe.writer.get(), stop);
  output.check_reader();
  EXPECT_FALSE(output.broken());
  pipe.reader.reset();
  output.check_reader();
  EXPECT_TRUE(output.broken());
  EXPECT_EQ(output.broken_errno(), EPIPE);
}

TEST(LineOutput, AReaderThatClosesWhileWriting) {
  Pipe pipe;
  ASSERT_EQ(::fcntl(pipe.writer.get(), F_SETPIPE_SZ, 4096), 4096);
  StopSignal stop;
  LineOutput output(pipe.writer.get(), stop);
  output.buffer().assign(1'000'000, 'x');
  std::thread reader([&] {
    char some[100];
    EXPECT_GT(::read(pipe.reader.get(), some, sizeof some), 0);
    pipe.reader.reset();
  });
  EXPECT_FALSE(output.flush());
  reader.join();
  EXPECT_TRUE(output.broken());
  EXPECT_EQ(output.broken_errno(), EPIPE);
}

TEST(LineOutput, AFullDevice) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full.valid());
  StopSignal stop;
  LineOutput output(full.get(), stop);
  output.buffer() += "line\n";
  EXPECT_FALSE(output.flush());
  EXPECT_TRUE(output.broken());
  EXPECT_EQ(output.broken_errno(), ENOSPC);
}

}  // namespace
}  // namespace kprobed::kprobectl
