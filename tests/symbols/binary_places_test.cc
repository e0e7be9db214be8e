// SPDX-License-Identifier: Apache-2.0
#include "symbols/binary_places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "base/text.h"
#include "elf_image.h"
#include "temporary_files.h"

// Known functions of a real program: this one. File offsets are checked against /proc/self/maps.
extern "C" {
__attribute__((noinline, used)) int kprobed_test_first_function(int a) { return a + 1; }
__attribute__((noinline, used)) int kprobed_test_second_function(int a) { return a * 3; }
}

namespace kprobed::symbols {
namespace {

using resolve::BinaryPlace;
using testing::HasSubstr;

const arch::ArchAbi& x86_64() { return *arch::find("x86_64"); }

/// A library with everything that a name can be.
ElfImage library() {
  ElfImage image;
  image.symtab = {
      {"first", 0x401100, 0x40},
      {"alias_of_first", 0x401100, 0x40},
      {"second", 0x401140, 0x20},
      {"label", 0x401150, 0, STT_NOTYPE},
      {"assembly", 0x401200, 0, STT_NOTYPE},
      {"twice", 0x401300, 0x10},
      {"twice", 0x401400, 0x10},
      {"chosen", 0x401500, 0x10, STT_GNU_IFUNC},
      {"__chosen_avx2", 0x401520, 0x10},
      {"versioned@OLD_1", 0x401600, 0x10},
      {"versioned@@NEW_2", 0x401640, 0x10},
      {"only_old@OLD_1", 0x401680, 0x10},
      {"data", 0x401700, 8, STT_OBJECT},
      {"elsewhere", 0x500000, 8},
      {"_ZN3app4openEi", 0x401800, 0x10},
      {"last", 0x401ff0, 0x10},
  };
  image.dynsym = {
      {"first", 0x401100, 0x40},
      {"exported", 0x401900, 0x10, STT_FUNC, true, true},
      {"exported", 0x401940, 0x10},
      {"malloc", 0, 0, STT_FUNC, false},
      {"__gmon_start__", 0, 0, STT_NOTYPE, false},
  };
  image.needed = {"libkprobed_nowhere.so.1", "libother.so"};
  return image;
}

Result<BinaryPlace> place(const std::string& path, std::string_view symbol, std::uint64_t offset,
                          const std::string& debug_folder = "") {
  KPROBED_TRY(const ElfFile file, ElfFile::open(path, debug_folder));
  return find_binary_place(file, x86_64(), symbol, offset);
}

TEST(BinaryPlaces, FindNamesInALibrary) {
  const TemporaryFolder folder;
  const std::string path = folder.write("lib.so", library().bytes());
  struct Row {
    const char* symbol;
    std::uint64_t offset;
    const char* holder;
    std::uint64_t holder_offset, file_offset;
  };
  for (const Row& row : {
           Row{"first", 0, "first", 0, 0x1100},
           Row{"alias_of_first", 0, "alias_of_first", 0, 0x1100},
           Row{"first", 4, "first", 4, 0x1104},
           Row{"alias_of_first", 4, "alias_of_first", 4, 0x1104},
           Row{"first", 0x44, "second", 4, 0x1144},      // past its end: what is really there
           Row{"second", 0x14, "second", 0x14, 0x1154},  // not the label inside
           Row{"label", 0, "second", 0x10, 0x1150},      // the function it stands in
           Row{"assembly", 8, "assembly", 8, 0x1208},    // as long as to the next
           Row{"versioned", 0, "versioned", 0, 0x1640},  // what programs link to today
           Row{"only_old", 0, "only_old", 0, 0x1680},
           Row{"exported", 0, "exported", 0, 0x1940},  // .gnu.version hides the other
           Row{"__chosen_avx2", 0, "__chosen_avx2", 0, 0x1520},
           Row{"_ZN3app4openEi", 2, "_ZN3app4openEi", 2, 0x1802},
           Row{"last", 0xe, "last", 0xe, 0x1ffe},
           Row{"", 0x1100, "first", 0, 0x1100},
           Row{"", 0x1142, "second", 2, 0x1142},
           Row{"", 0x1180, "", 0, 0x1180},  // between functions
           Row{"", 0x1000, "", 0, 0x1000},
       }) {
    const auto found = place(path, row.symbol, row.offset);
    const std::string what = std::string(row.symbol) + "+" + hex(row.offset);
    ASSERT_TRUE(found.ok()) << what << ": " << describe(found.error());
    EXPECT_EQ(found->symbol, row.holder) << what;
    EXPECT_EQ(found->offset, row.holder_offset) << what;
    EXPECT_EQ(found->file_offset, row.file_offset) << what;
    EXPECT_EQ(found->at_entry, *row.holder != '\0' && row.holder_offset == 0) << what;
    EXPECT_EQ(found->word_bytes, 8u);
  }
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(place(path, "first", 0)->inode, status.st_ino);
  EXPECT_EQ(place(path, "first", 0)->device, status.st_dev);
}

TEST(BinaryPlaces, SayWhyANameIsNoPlace) {
  const TemporaryFolder folder;
  const std::string path = folder.write("lib.so", library().bytes());
  struct Row {
    const char* symbol;
    std::uint64_t offset;
    ErrorCode code;
    const char *message, *hint;
  };
  for (const Row& row : {
           Row{"frist", 0, ErrorCode::symbol_not_found, "has no function 'frist'", "first"},
           Row{"entirely_different", 0, ErrorCode::symbol_not_found, "no function", "PATH:0x1234"},
           Row{"twice", 0, ErrorCode::symbol_not_unique, "2 functions 'twice'", "0x1300, 0x1400"},
           Row{"chosen", 0, ErrorCode::unsupported, "IFUNC", "__chosen_avx2"},
           Row{"malloc", 0, ErrorCode::symbol_not_found, "only calls 'malloc'",
               "libkprobed_nowhere.so.1, libother.so"},
           Row{"data", 0, ErrorCode::symbol_not_found, "no function 'data'", ""},
           Row{"elsewhere", 0, ErrorCode::symbol_not_found, "no function 'elsewhere'", ""},
           Row{"last", 0x10, ErrorCode::bad_address, "'last'+0x10", "readelf"},
           Row{"last", ~0ull, ErrorCode::bad_address, "is not code", ""},
           Row{"", 0x10, ErrorCode::bad_address, "0x10", "readelf"},
           Row{"", 0x2000, ErrorCode::bad_address, "0x2000", ""},
           Row{"", ~0ull, ErrorCode::bad_address, "is not code", ""},
       }) {
    const auto found = place(path, row.symbol, row.offset);
    ASSERT_FALSE(found.ok()) << row.symbol;
    EXPECT_EQ(word(found.error().code), word(row.code)) << row.symbol;
    EXPECT_THAT(found.error().message, HasSubstr(row.message));
    EXPECT_THAT(found.error().hint, HasSubstr(row.hint));
  }
  ElfImage stripped;
  stripped.dynsym = {{"malloc", 0, 0, STT_FUNC, false}};
  const auto found = place(folder.write("stripped", stripped.bytes()), "main", 0);
  ASSERT_FALSE(found.ok());
  EXPECT_THAT(found.error().hint, HasSubstr("it is stripped"));
}

/// The image's code is all zeros: `add [rax], al`, two bytes each.
TEST(BinaryPlaces, RefuseTheMiddleOfAnInstruction) {
  const TemporaryFolder folder;
  const std::string path = folder.write("lib.so", library().bytes());
  const auto found = place(path, "first", 5);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(word(found.error().code), word(ErrorCode::bad_address));
  EXPECT_THAT(found.error().message, HasSubstr("begin at first+4 and first+6"));
}

TEST(BinaryPlaces, RefuseWhatIsNoProgramOfThisMachine) {
  const TemporaryFolder folder;
  ElfImage object = library(), foreign = library(), big = library();
  object.type = ET_REL;
  foreign.machine = EM_AARCH64;
  big.data = ELFDATA2MSB;
  const std::string fifo = folder.path() + "/fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  struct Row {
    std::string path;
    ErrorCode code;
    const char* message;
  };
  for (const Row& row : {
           Row{folder.path() + "/missing", ErrorCode::not_found, "there is no file"},
           Row{"/dev/null/x", ErrorCode::not_found, "there is no file"},
           Row{folder.path(), ErrorCode::malformed, "is a directory"},
           Row{fifo, ErrorCode::malformed, "is not a regular file"},
           Row{"/dev/null", ErrorCode::malformed, "is not a regular file"},
           Row{folder.write("empty", ""), ErrorCode::malformed, "is empty"},
           // Nothing is read of what the kernel makes up while it is read.
           Row{"/proc/self/maps", ErrorCode::malformed, "is empty"},
           Row{folder.write("script", "#!/bin/sh\n"), ErrorCode::malformed, "is not an ELF file"},
           Row{folder.write("object.o", object.bytes()), ErrorCode::malformed, "no shared library"},
           Row{folder.write("arm", foreign.bytes()), ErrorCode::malformed, "another kind"},
       }) {
    const auto found = place(row.path, "first", 0);
    ASSERT_FALSE(found.ok()) << row.path;
    EXPECT_EQ(word(found.error().code), word(row.code)) << row.path;
    EXPECT_THAT(found.error().message, HasSubstr(row.message)) << row.path;
  }
  EXPECT_FALSE(place(folder.write("big-endian", big.bytes()), "first", 0).ok());
}

TEST(BinaryPlaces, TakeNamesFromTheSeparateDebugFile) {
  ElfImage program, debug;
  program.debug_link = "program.debug";
  debug.code_in_file = false;
  debug.symtab = {{"static_function", 0x401230, 0x10}};
  ElfImage wrong = debug;
  wrong.build_id = "another build id";
  struct Row {
    const char* where;
    const ElfImage& file;
    bool found;
  };
  for (const Row& row : {
           Row{"debug/.build-id/30/313233343536373839616263646566.debug", debug, true},
           Row{"debug/.build-id/30/313233343536373839616263646566.debug", wrong, false},
           Row{"program.debug", debug, true},
           Row{".debug/program.debug", debug, true},
           Row{".debug/program.debug", wrong, false},
           Row{"other/program.debug", debug, false},
       }) {
    const TemporaryFolder folder;
    const std::string path = folder.write("program", program.bytes());
    folder.write(row.where, row.file.bytes());
    const auto found = place(path, "static_function", 0, folder.path() + "/debug");
    EXPECT_EQ(found.ok(), row.found) << row.where;
    if (found.ok()) {
      EXPECT_EQ(found->file_offset, 0x1230u);
    }
  }
}

TEST(BinaryPlaces, AgreeWithTheProgramThatRuns) {
  const auto in_file = [](const void* function) -> std::uint64_t {
    const auto address = reinterpret_cast<std::uint64_t>(function);
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
      std::uint64_t begin = 0, end = 0, offset = 0;
      char flags[5] = "";
      if (std::sscanf(line.c_str(), "%lx-%lx %4s %lx", &begin, &end, flags, &offset) != 4) continue;
      if (address >= begin && address < end) return address - begin + offset;
    }
    return 0;
  };
  struct Row {
    const char* name;
    int (*function)(int);
  };
  for (const char* path : {"/proc/self/exe", "/proc/self/root/proc/self/exe"}) {
    for (const Row& row : {Row{"kprobed_test_first_function", kprobed_test_first_function},
                           Row{"kprobed_test_second_function", kprobed_test_second_function}}) {
      const auto found = place(path, row.name, 0);
      ASSERT_TRUE(found.ok()) << describe(found.error());
      EXPECT_EQ(found->file_offset, in_file(reinterpret_cast<const void*>(row.function)));
      EXPECT_EQ(place(path, "", found->file_offset)->symbol, row.name);
    }
  }
  const auto imported = place("/proc/self/exe", "mkfifo", 0);  // this test calls it
  ASSERT_FALSE(imported.ok());
  EXPECT_THAT(imported.error().message, HasSubstr("only calls 'mkfifo'"));
  EXPECT_THAT(imported.error().hint, HasSubstr("libc.so"));
}

TEST(BinaryPlaces, NoticeThatAFileWasReplaced) {
  const TemporaryFolder folder;
  const std::string path = folder.write("lib.so", library().bytes());
  const auto file = ElfFile::open(path, "");
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(file->is_current());
  // As package managers do: a new file under the old name.
  const std::string next = folder.write("next", library().bytes());
  ASSERT_EQ(::rename(next.c_str(), path.c_str()), 0);
  EXPECT_FALSE(file->is_current());
  ASSERT_EQ(::unlink(path.c_str()), 0);
  EXPECT_FALSE(file->is_current());
}

TEST(BinaryPlaces, AnyBytesAreAnAnswerOrAnError) {
  const TemporaryFolder folder;
  const std::string whole = library().bytes();
  const auto survives = [&folder](const std::string& bytes) {
    const auto file = ElfFile::open(folder.write("hostile", bytes), "");
    if (!file.ok()) return;
    for (const char* symbol : {"first", "versioned", "twice", "malloc", "label", ""}) {
      for (const std::uint64_t offset : {0ull, 4ull, 0x1100ull, ~0ull}) {
        const auto found = find_binary_place(*file, x86_64(), symbol, offset);
        if (found.ok()) {
          EXPECT_LT(found->file_offset, bytes.size()) << symbol;
        }
      }
    }
  };
  // Cut anywhere behind the code, and in the headers.
  for (std::size_t size = 0; size < 200; ++size) survives(whole.substr(0, size));
  for (std::size_t size = 0x2000; size < whole.size(); size += 7) survives(whole.substr(0, size));
  std::mt19937 random(2026);
  for (int i = 0; i < 1500; ++i) {
    std::string bytes = whole;
    for (int change = 0; change < 4; ++change) {
      // The headers, or the tables behind the code.
      const std::size_t tail = whole.size() - 0x2000;
      const std::size_t at = random() % 2 == 0 ? random() % 176 : 0x2000 + random() % tail;
      bytes[at] = static_cast<char>(random() % 3 == 0 ? 0xff : random());
    }
    survives(bytes);
  }
}

}  // namespace
}  // namespace kprobed::symbols
