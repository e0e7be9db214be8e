// SPDX-License-Identifier: Apache-2.0
//
// Anything as a program: an answer inside the file, or an error that says something.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "arch/arch_abi.h"
#include "symbols/binary_places.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int fd = ::memfd_create("elf", MFD_CLOEXEC);
  if (fd < 0 || ::write(fd, data, size) != static_cast<ssize_t>(size)) std::abort();
  const auto file = kprobed::symbols::ElfFile::open("/proc/self/fd/" + std::to_string(fd), "");
  ::close(fd);
  if (!file.ok()) return file.error().message.empty() ? std::abort(), 1 : 0;
  for (const char* symbol : {"first", "twice", "versioned", ""}) {
    for (const std::uint64_t offset :
         {std::uint64_t{0}, std::uint64_t{0x1100}, ~std::uint64_t{0}}) {
      const auto place = kprobed::symbols::find_binary_place(*file, *kprobed::arch::find("x86_64"),
                                                             symbol, offset);
      if (place.ok() && place->file_offset >= size) std::abort();
    }
  }
  return 0;
}
