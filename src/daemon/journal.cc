// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/format.h"

namespace kprobed::daemon::journal {
namespace {

/// systemd.exec(5): JOURNAL_STREAM is "device:inode" of the journal's socket; it is inherited, so
/// only the comparison tells whether standard error still is that socket.
bool is_journal_stream() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat here {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &here) != 0) return false;
  return format("{}:{}", here.st_dev, here.st_ino) == stream;
}

/// "<4>": how the journal is told a line's priority.
class PriorityFlag final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    char priority = '6';
    if (message.level == spdlog::level::debug) priority = '7';
    if (message.level == spdlog::level::warn) priority = '4';
    if (message.level == spdlog::level::err) priority = '3';
    const char text[] = {'<', priority, '>'};
    out.append(text, text + sizeof text);
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<PriorityFlag>();
  }
};

spdlog::level::level_enum of(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::debug:
      return spdlog::level::debug;
  }
  return spdlog::level::info;
}

/// One entry is one line, whatever a client or the kernel put into it.
std::string clean(std::string_view sentence) {
  std::string text(sentence);
  for (char& byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    if (value < 0x20 || value == 0x7f) byte = '?';
  }
  return text;
}

void say(spdlog::level::level_enum level, std::string_view sentence) {
  spdlog::default_logger_raw()->log(level, clean(sentence));
}

}  // namespace

void open(LogLevel level) {
  auto logger = std::make_shared<spdlog::logger>("kprobed",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  if (is_journal_stream()) {
    formatter->add_flag<PriorityFlag>('*').set_pattern("%*%v");
  } else {
    formatter->set_pattern("%Y-%m-%d %H:%M:%S.%e kprobed: %l: %v");
  }
  logger->set_formatter(std::move(formatter));
  logger->set_level(of(level));
  spdlog::set_default_logger(std::move(logger));
}

void set_level(LogLevel level) { spdlog::set_level(of(level)); }

void error(std::string_view sentence) { say(spdlog::level::err, sentence); }
void warning(std::string_view sentence) { say(spdlog::level::warn, sentence); }
void info(std::string_view sentence) { say(spdlog::level::info, sentence); }
void debug(std::string_view sentence) { say(spdlog::level::debug, sentence); }

std::string one_line(const Error& error) {
  std::string text;
  if (error.span.known()) {
    text = format("{}:{}:{}: ", error.span.source->name, error.span.line, error.span.begin + 1);
  }
  text += describe(error);
  if (!error.hint.empty()) text += " (" + error.hint + ")";
  return text;
}

}  // namespace kprobed::daemon::journal
