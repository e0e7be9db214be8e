// SPDX-License-Identifier: Apache-2.0
//
// What is true of any Linux this runs on, privileged or not.
#include "symbols/running_kernel.h"

#include <elf.h>
#include <gtest/gtest.h>
#include <stdio.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include "elf_image.h"
#include "temporary_files.h"

namespace kprobed::symbols {
namespace {

std::unique_ptr<RunningKernel> open_kernel(KernelPaths paths = {}) {
  auto kernel = RunningKernel::open({}, std::move(paths));
  if (!kernel.ok()) {
    ADD_FAILURE() << describe(kernel.error());
    return nullptr;
  }
  return std::move(kernel).value();
}

std::string read_data(const std::string& name) {
  std::ifstream file(std::string(KPROBED_TEST_DATA) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A kernel made of files: Debian's 6.1 as far as tests/data has it.
class FileKernel {
 public:
  FileKernel() {
    folder_.write("kallsyms", read_data("6.1/kallsyms"));
    folder_.write("btf/vmlinux", read_data("6.1/btf/vmlinux"));
    paths_.kallsyms = folder_.path() + "/kallsyms";
    paths_.tracing = folder_.path() + "/tracing";
    paths_.kcore = folder_.path() + "/kcore";
    paths_.btf = folder_.path() + "/btf";
    paths_.kprobes = folder_.path() + "/kprobes";
    paths_.modules = folder_.path() + "/modules/6.1.0-test";
    paths_.debug = folder_.path() + "/debug";
  }
  const TemporaryFolder& folder() const { return folder_; }
  std::unique_ptr<RunningKernel> open() const { return open_kernel(paths_); }

 private:
  TemporaryFolder folder_;
  KernelPaths paths_;
};

TEST(RunningKernel, KnowsItsOwnFunctions) {
  const auto kernel = open_kernel();
  ASSERT_NE(kernel, nullptr);
  ASSERT_FALSE(kernel->find("_stext", "").empty()) << "needs /proc/kallsyms";
  const auto found = kernel->find("vfs_read", "");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].is_text());
  EXPECT_EQ(found[0].module, "");
  EXPECT_FALSE(kernel->module_loaded("no_such_module"));
  EXPECT_FALSE(kernel->in_text(0x1234));
  const auto similar = kernel->similar("vfs_raed", 5);
  EXPECT_NE(std::ranges::find(similar, "vfs_read"), similar.end());

  if (kernel->addresses_visible()) {
    const std::uint64_t address = found[0].address;
    EXPECT_TRUE(kernel->in_text(address));
    EXPECT_EQ(kernel->text_symbol_at(address + 1)->name, "vfs_read");
    EXPECT_EQ(kernel->kallsyms().text_names()->place_of(address + 1).symbol, "vfs_read");
    EXPECT_EQ(kernel->kallsyms().text_names()->place_of(address + 1).offset, 1u);
  } else {
    EXPECT_EQ(found[0].address, 0u);
    EXPECT_EQ(kernel->text_symbol_at(0xffffffff81000000), std::nullopt);
  }
}

TEST(RunningKernel, KnowsItsMachine) {
  const auto kernel = open_kernel();
  ASSERT_NE(kernel, nullptr);
  EXPECT_EQ(&kernel->abi(), arch::host());
}

TEST(RunningKernel, TakesTracefsFolderAsItIsNamed) {
  const TemporaryFolder folder;
  folder.write("events/sched/sched_switch/format", "the text");
  for (const std::string& root : {folder.path(), folder.path() + "/", std::string()}) {
    const auto kernel = RunningKernel::open({}, root);
    ASSERT_TRUE(kernel.ok());
    EXPECT_EQ((*kernel)->event_format("sched", "sched_switch").ok(), !root.empty()) << root;
    EXPECT_EQ((*kernel)->similar_events("sched", "sched_switch", 3).size(), 0u) << root;
    EXPECT_EQ((*kernel)->syscall_parameters("openat"), std::nullopt) << root;
  }
}

TEST(RunningKernel, AsksTheListOfTraceableFunctions) {
  const FileKernel files;
  files.folder().write("tracing/available_filter_functions", "vfs_read\nfinish_task_switch\n");
  const auto kernel = files.open();
  ASSERT_NE(kernel, nullptr);
  struct Row {
    std::string_view function;
    bool traceable;
  };
  for (const Row& row : {
           Row{"vfs_read", true},
           Row{"vfs_readv", false},
           Row{"finish_task_switch.isra.0", true},  // the kernel looks at the name before the dot
           Row{"notify_die", false},
       }) {
    EXPECT_EQ(kernel->traceable(row.function), row.traceable) << row.function;
  }
}

TEST(RunningKernel, WithoutItsListsCannotTell) {
  const FileKernel none, empty;
  empty.folder().write("tracing/available_filter_functions", "");
  empty.folder().write("kprobes/blacklist", "0x0-0x0\thidden\n");
  for (const FileKernel* files : {&none, &empty}) {
    const auto kernel = files->open();
    ASSERT_NE(kernel, nullptr);
    EXPECT_EQ(kernel->traceable("vfs_read"), std::nullopt);
    EXPECT_EQ(kernel->blacklisted(0xffffffff8134cc50), std::nullopt);
  }
}

TEST(RunningKernel, ReadsEverythingAgainAfterItLetGo) {
  const FileKernel files;
  files.folder().write("tracing/available_filter_functions", "vfs_read\n");
  files.folder().write("kprobes/blacklist", "0xffffffff8134cc50-0xffffffff8134cc60\tx\n");
  const auto kernel = files.open();
  ASSERT_NE(kernel, nullptr);
  for (int i = 0; i < 2; ++i) {
    const auto types = kernel->types("");
    ASSERT_TRUE(types.ok()) << describe(types.error());
    EXPECT_TRUE((*types)->function("vfs_read", ""));
    EXPECT_EQ(*kernel->types(""), *types);  // kept while it is used
    EXPECT_EQ(kernel->traceable("vfs_read"), true);
    EXPECT_EQ(kernel->blacklisted(0xffffffff8134cc50), true);
    EXPECT_EQ(kernel->blacklisted(0xffffffff8134cc60), false);
    EXPECT_EQ(kernel->find("vfs_read", "").size(), 1u);
    EXPECT_TRUE(kernel->holds_files());
    kernel->release_types();
    EXPECT_FALSE(kernel->holds_files());
  }
}

TEST(RunningKernel, SymbolsAreThoseOfTheNextQuestion) {
  const FileKernel files;
  const auto kernel = files.open();
  ASSERT_NE(kernel, nullptr);
  const auto names = kernel->kallsyms().text_names();
  const std::uint64_t address = kernel->find("vfs_read", "").at(0).address;
  files.folder().write(
      "kallsyms",
      "ffffffff81000000 T _stext\nffffffff81000000 T later\nffffffff81001000 T _etext\n");
  EXPECT_EQ(kernel->find("later", "").size(), 0u) << "a snapshot";
  kernel->release_types();
  EXPECT_EQ(kernel->find("later", "").size(), 1u);
  EXPECT_EQ(kernel->find("vfs_read", "").size(), 0u);
  EXPECT_EQ(names->place_of(address).symbol, "vfs_read") << "outlives what it was made of";
}

TEST(RunningKernel, SaysWhyThereAreNoTypes) {
  const FileKernel files;
  const auto kernel = files.open();
  ASSERT_NE(kernel, nullptr);
  files.folder().write("btf/broken", "not BTF");
  struct Row {
    std::string_view module;
    ErrorCode code;
    std::string_view hint;
  };
  for (const Row& row : {
           Row{"dummy", ErrorCode::unsupported, "CONFIG_DEBUG_INFO_BTF_MODULES"},
           Row{"no_such", ErrorCode::unsupported, "it is not loaded"},
           Row{"broken", ErrorCode::malformed, ""},
           Row{"vmlinux", ErrorCode::not_found, ""},
           Row{"../btf/vmlinux", ErrorCode::not_found, ""},
       }) {
    const auto types = kernel->types(row.module);
    ASSERT_FALSE(types.ok()) << row.module;
    EXPECT_EQ(word(types.error().code), word(row.code)) << row.module;
    EXPECT_NE(types.error().hint.find(row.hint), std::string::npos) << types.error().hint;
  }
  KernelPaths nowhere;
  nowhere.btf = files.folder().path() + "/nowhere";
  const auto without = open_kernel(nowhere);
  ASSERT_NE(without, nullptr);
  const auto types = without->types("");
  ASSERT_FALSE(types.ok());
  EXPECT_EQ(word(types.error().code), "unsupported");
  EXPECT_NE(types.error().message.find("no BTF"), std::string::npos);
}

TEST(RunningKernel, DisassemblesWhatKcoreShows) {
  const FileKernel files;
  const auto kernel = files.open();
  ASSERT_NE(kernel, nullptr);
  const resolve::Symbol vfs_read = kernel->find("vfs_read", "").at(0);
  EXPECT_EQ(kernel->end_of(vfs_read), kernel->kallsyms().end_of(vfs_read.address));
  auto found = kernel->disassemble(vfs_read);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(word(found.error().code), "unsupported");

  // One page of NOPs that ends inside of the function.
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = PT_LOAD;
  segment.p_vaddr = vfs_read.address;
  segment.p_offset = 0x1000;
  segment.p_memsz = 16;
  std::string kcore(0x1010, '\x90');
  std::memcpy(kcore.data(), &header, sizeof header);
  std::memcpy(kcore.data() + sizeof header, &segment, sizeof segment);
  files.folder().write("kcore", kcore);
  files.folder().write("kprobes/blacklist", "0xffffffff8134cc51-0xffffffff8134cc52\tvfs_read\n");
  ASSERT_EQ(vfs_read.address, 0xffffffff8134cc50);
  found = files.open()->disassemble(vfs_read);
  ASSERT_TRUE(found.ok()) << describe(found.error());
  ASSERT_EQ(found->instructions.size(), 16u);
  EXPECT_EQ(found->instructions[0].text, "nop");
  EXPECT_EQ(found->instructions[0].refused, "");
  EXPECT_NE(found->instructions[1].refused, "");
  EXPECT_EQ(found->incomplete, "only the first 16 bytes could be read");
  EXPECT_FALSE(kernel->disassemble({"hidden", "", 0, 't'}).ok());
  EXPECT_FALSE(kernel->disassemble({"data", "", 0xffffffff90000000, 'd'}).ok());
}

TEST(RunningKernel, FindsPlacesInPrograms) {
  const FileKernel files;
  const auto kernel = files.open();
  ASSERT_NE(kernel, nullptr);
  const std::string path = files.folder().write("program", [] {
    ElfImage image;
    image.symtab = {{"main", 0x401100, 0x10}};
    return image.bytes();
  }());
  EXPECT_EQ(kernel->binary_place(path, "main", 0)->file_offset, 0x1100u);
  EXPECT_EQ(kernel->binary_place(path, "main", 4)->file_offset, 0x1104u);
  // Another build under the same name is another file.
  const std::string next = files.folder().write("next", [] {
    ElfImage image;
    image.symtab = {{"main", 0x401200, 0x10}};
    return image.bytes();
  }());
  ASSERT_EQ(::rename(next.c_str(), path.c_str()), 0);
  EXPECT_EQ(kernel->binary_place(path, "main", 0)->file_offset, 0x1200u);
  EXPECT_FALSE(kernel->binary_place(path + "x", "main", 0).ok());
}

}  // namespace
}  // namespace kprobed::symbols
