// SPDX-License-Identifier: Apache-2.0
//
// A folder with tracefs' file names. Its kprobe_events keeps what is written to it and understands
// nothing: enough to see which bytes arrive, and that nothing that was there is lost.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "tracefs/tracefs.h"

namespace kprobed::tracefs {

class FakeTracefs {
 public:
  FakeTracefs() {
    std::string name = testing::TempDir() + "tracefs.XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    root_ = name;
    write("README", "tracing mini-HOWTO:\n");
    write("error_log", "");
  }
  FakeTracefs(const FakeTracefs&) = delete;
  FakeTracefs& operator=(const FakeTracefs&) = delete;
  ~FakeTracefs() { std::filesystem::remove_all(root_); }

  Tracefs tracefs() const { return Tracefs(root_.string()); }
  std::filesystem::path path(std::string_view file) const { return root_ / file; }

  void write(std::string_view file, std::string_view text) const {
    std::filesystem::create_directories(path(file).parent_path());
    std::ofstream(path(file), std::ios::trunc) << text;
  }
  std::string read(std::string_view file) const {
    std::ostringstream text;
    text << std::ifstream(path(file)).rdbuf();
    return text.str();
  }

 private:
  std::filesystem::path root_;
};

inline std::string test_data(std::string_view file) {
  std::ifstream in(std::string(KPROBED_TEST_DATA) + "/" + std::string(file));
  if (!in) ADD_FAILURE() << "no test data " << file;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace kprobed::tracefs
