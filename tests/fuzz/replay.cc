// SPDX-License-Identifier: Apache-2.0
//
// Runs a fuzz target over every file of a folder, without libFuzzer: each checked-in case is tried
// in every build, with any compiler.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  std::error_code failed;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1], failed)) {
    if (!entry.is_regular_file()) continue;
    const auto content = kprobed::read_file(entry.path().string());
    if (!content.ok()) {
      std::fputs(kprobed::render(content.error()).c_str(), stderr);
      return 1;
    }
    // Said before it is tried: an abort then shows which file it was.
    std::printf("%s\n", entry.path().c_str());
    std::fflush(stdout);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(content->data()), content->size());
    ++files;
  }
  if (failed || files == 0) {
    std::fprintf(stderr, "%s: no files to try\n", argv[1]);
    return 1;
  }
  return 0;
}
