// SPDX-License-Identifier: Apache-2.0
//
// All of the engine on the running kernel, asked and answered as by the daemon, and what it says in
// the log. Needs root and tracefs.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/control.h"
#include "stream/log_cursor.h"

namespace kprobed::engine {

class LiveControl : public ::testing::Test {
 protected:
  explicit LiveControl(std::size_t log_bytes = std::size_t{1} << 30)
      : log(log_bytes, "0123456789abcdef") {}
  void start(ControlOptions options = {}) {
    control = std::make_unique<Control>(std::move(options), log, directory);
  }
  void TearDown() override {
    if (control) control->stop();
  }

  template <typename T, typename Ask>
  T answer_of(Ask ask) {
    std::promise<Result<T>> promise;
    ask([&promise](Result<T> result) { promise.set_value(std::move(result)); });
    auto result = promise.get_future().get();
    EXPECT_TRUE(result.ok()) << describe(result.error());
    return result.ok() ? std::move(result).value() : T{};
  }
  /// The probe's name.
  std::string add(const std::string& spec, bool disabled = false, bool exact = true) {
    AddRequest request;
    request.source = std::make_shared<Source>(Source{"test", spec});
    request.disabled = disabled;
    request.exact = exact;  // so that nothing depends on how busy this machine is
    const auto added = answer_of<std::vector<ProbeStatus>>(
        [&](auto answer) { control->add(request, std::move(answer)); });
    return added.empty() ? std::string() : added.front().name;
  }
  void set_enabled(bool enabled, Selection which = {.globs = {}, .all = true}) {
    answer_of<std::vector<std::string>>(
        [&](auto answer) { control->set_enabled(which, enabled, std::move(answer)); });
  }
  void remove_all() {
    answer_of<std::vector<std::string>>(
        [&](auto answer) { control->remove({.globs = {}, .all = true}, std::move(answer)); });
  }

  /// All lines of that type in the log.
  std::vector<nlohmann::json> lines(const std::string& type) {
    std::string text;
    stream::LogCursor cursor(log, directory, {}, 1);
    while (cursor.take(text, std::size_t{1} << 20)) {
    }
    EXPECT_EQ(cursor.counts().dropped, 0u);
    return parsed(text, type);
  }
  static std::vector<nlohmann::json> parsed(const std::string& text, const std::string& type) {
    std::vector<nlohmann::json> found;
    const std::string begin = R"({"type":")" + type + '"';
    for (std::size_t at = 0, end = 0; at < text.size(); at = end + 1) {
      end = text.find('\n', at);
      // Few of so many are wanted.
      if (text.compare(at, begin.size(), begin) != 0) continue;
      found.push_back(nlohmann::json::parse(text.substr(at, end - at)));
    }
    return found;
  }

  stream::StreamLog log;
  stream::ProbeDirectory directory;
  std::unique_ptr<Control> control;
};

}  // namespace kprobed::engine
