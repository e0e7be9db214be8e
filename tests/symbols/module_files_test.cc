// SPDX-License-Identifier: Apache-2.0
//
// Files of modules: what distributions and hostile hands make of them.
#include "symbols/module_files.h"

#include <gmock/gmock.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <future>

#include "elf_image.h"
#include "symbols/decompress.h"
#include "temporary_files.h"

namespace kprobed::symbols {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string gzip(std::string_view text) {
  std::string packed(text.size() + 1024, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string xz(std::string_view text) {
  std::string packed(text.size() + 1024, '\0');
  std::size_t used = 0;
  EXPECT_EQ(lzma_easy_buffer_encode(
                1, LZMA_CHECK_CRC32, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()),
                text.size(), reinterpret_cast<std::uint8_t*>(packed.data()), &used, packed.size()),
            LZMA_OK);
  packed.resize(used);
  return packed;
}

std::string zstd(std::string_view text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

struct Packing {
  const char* suffix;
  Compression kind;
  std::string (*pack)(std::string_view);
};
const std::vector<Packing> kPackings = {{".gz", Compression::gzip, gzip},
                                        {".xz", Compression::xz, xz},
                                        {".zst", Compression::zstd, zstd}};

TEST(Decompress, GivesBackWhatWasCompressed) {
  for (const std::size_t bytes : {0u, 1u, 1000u, 3'000'000u}) {
    std::string text(bytes, 'x');
    for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(i * i >> 7);
    for (const Packing& packing : kPackings) {
      const std::string packed = packing.pack(text);
      EXPECT_EQ(compression_of(packed.substr(0, 6)), packing.kind) << packing.suffix;
      const auto unpacked = decompress(packed, packing.kind, bytes + 1);
      ASSERT_TRUE(unpacked.ok()) << packing.suffix << describe(unpacked.error());
      EXPECT_TRUE(*unpacked == text) << packing.suffix;
    }
  }
}

TEST(Decompress, IsBoundedAndSurvivesDamage) {
  const std::string text(500'000, 'x');  // packed, a few hundred bytes
  for (const Packing& packing : kPackings) {
    const std::string packed = packing.pack(text);
    const auto large = decompress(packed, packing.kind, 100'000);
    ASSERT_FALSE(large.ok());
    EXPECT_EQ(large.error().code, ErrorCode::too_long) << packing.suffix;
    for (const std::size_t kept : {6ul, 20ul, packed.size() / 2, packed.size() - 1}) {
      const auto cut = decompress(packed.substr(0, kept), packing.kind, text.size() + 1);
      ASSERT_FALSE(cut.ok()) << packing.suffix << kept;
      EXPECT_EQ(cut.error().code, ErrorCode::malformed) << packing.suffix << kept;
    }
    // Any one byte changed: an error or a text, never more than may be.
    for (std::size_t at = 0; at < packed.size(); at += 1 + packed.size() / 500) {
      std::string changed = packed;
      changed[at] = static_cast<char>(changed[at] ^ 0x55);
      const auto read = decompress(changed, packing.kind, text.size() + 1);
      EXPECT_LE(read.ok() ? read->size() : 0, text.size() + 1);
    }
  }
}

/// A module's file with these functions.
std::string module_image(const std::vector<std::string>& functions) {
  ElfImage image;
  image.type = ET_REL;
  image.code_section = true;
  for (const std::string& name : functions) {
    image.symtab.push_back({.name = name, .address = 0x10, .size = 8});
  }
  image.symtab.push_back({.name = "used_only", .defined = false});
  image.symtab.push_back({.name = "$x", .type = STT_NOTYPE});
  return image.bytes();
}

class ModuleFilesTest : public testing::Test {
 protected:
  void write_list(const std::vector<std::string>& paths) {
    std::string list;
    for (const std::string& path : paths) list += path + ": kernel/other.ko\n";
    folder_.write("6.1.0-test/modules.dep", list);
  }
  std::string modules() const { return folder_.path() + "/6.1.0-test"; }

  TemporaryFolder folder_;
};

TEST_F(ModuleFilesTest, FindFunctionsPlainAndCompressed) {
  folder_.write("6.1.0-test/kernel/plain.ko", module_image({"one", "both"}));
  std::vector<std::string> paths = {"kernel/plain.ko"};
  for (const Packing& packing : kPackings) {
    const std::string name =
        std::string("kernel/a-b") + (packing.suffix + 1) + ".ko" + packing.suffix;
    folder_.write("6.1.0-test/" + name,
                  packing.pack(module_image({std::string("in") + packing.suffix, "both"})));
    paths.push_back(name);
  }
  write_list(paths);
  ModuleFiles files(modules(), ModuleFiles::Reading::at_once);
  const auto with = [&](const char* function) {
    const auto found = files.modules_with(function);
    EXPECT_TRUE(found.ok()) << describe(found.error());
    return found.ok() ? found->modules : std::vector<std::string>();
  };
  EXPECT_THAT(with("one"), ElementsAre("plain"));
  EXPECT_THAT(with("in.gz"), ElementsAre("a_bgz"));
  EXPECT_THAT(with("in.xz"), ElementsAre("a_bxz"));
  EXPECT_THAT(with("in.zst"), ElementsAre("a_bzst"));
  EXPECT_THAT(with("both"), ElementsAre("plain", "a_bgz", "a_bxz", "a_bzst"));
  for (const char* none : {"used_only", "$x", "", "nothing"})
    EXPECT_THAT(with(none), ElementsAre());
  const auto function = files.function_in("a_bgz", "bothh");
  ASSERT_TRUE(function.ok());
  EXPECT_EQ(function->count, 0u);
  EXPECT_THAT(function->similar, ElementsAre("both"));
  EXPECT_EQ(files.function_in("a_bgz", "both")->count, 1u);
  EXPECT_EQ(files.function_in("nosuch", "both").error().code, ErrorCode::not_found);
}

TEST_F(ModuleFilesTest, ANewListIsReadAnew) {
  folder_.write("6.1.0-test/a.ko", module_image({"one"}));
  folder_.write("6.1.0-test/b.ko", module_image({"two"}));
  write_list({"a.ko"});
  ModuleFiles files(modules(), ModuleFiles::Reading::at_once);
  EXPECT_THAT(files.modules_with("two")->modules, ElementsAre());
  write_list({"a.ko", "b.ko"});
  EXPECT_THAT(files.modules_with("two")->modules, ElementsAre("b"));
}

TEST_F(ModuleFilesTest, WhatCannotBeReadIsCounted) {
  folder_.write("6.1.0-test/good.ko", module_image({"one"}));
  folder_.write("6.1.0-test/text.ko", "no module at all");
  folder_.write("6.1.0-test/cut.ko.xz", xz(module_image({"one"})).substr(0, 100));
  write_list({"text.ko", "cut.ko.xz", "missing.ko", "good.ko"});
  ModuleFiles files(modules(), ModuleFiles::Reading::at_once);
  const auto found = files.modules_with("one");
  ASSERT_TRUE(found.ok());
  EXPECT_THAT(found->modules, ElementsAre("good"));
  EXPECT_EQ(found->unread, 3u);
  EXPECT_THAT(found->why, HasSubstr("text.ko"));
  const auto cut = files.function_in("cut", "one");
  EXPECT_THAT(describe(cut.error()), HasSubstr("damaged or cut off"));
  EXPECT_EQ(files.function_in("missing", "one").error().code, ErrorCode::unsupported);
}

TEST_F(ModuleFilesTest, TellTypesOfFilesForThisKernelOnly) {
  using namespace std::string_literals;
  struct Row {
    const char* module;
    std::vector<std::pair<std::string, std::string>> sections;
    std::string_view types, why;
  };
  const std::string info = "license=GPL\0vermagic=6.1.0-test SMP mod_unload \0name=x\0"s;
  const std::string other = "vermagic=6.1.0-other SMP\0"s;
  std::vector<std::string> paths;
  for (const Row& row : {
           Row{"good", {{".modinfo", info}, {".BTF", "bytes"}}, "bytes", ""},
           Row{"other",
               {{".modinfo", other}, {".BTF", "bytes"}},
               "",
               "for the kernel '6.1.0-other'"},
           Row{"silent", {{".BTF", "bytes"}}, "", "for the kernel ''"},
           Row{"without", {{".modinfo", info}}, "", "no .BTF"},
           Row{"based", {{".modinfo", info}, {".BTF", "b"}, {".BTF.base", "c"}}, "", ".BTF.base"},
       }) {
    ElfImage image;
    image.type = ET_REL;
    image.sections_besides = row.sections;
    folder_.write(std::string("6.1.0-test/") + row.module + ".ko", image.bytes());
    paths.push_back(std::string(row.module) + ".ko");
    write_list(paths);
    ModuleFiles files(modules(), ModuleFiles::Reading::at_once);
    const auto types = files.types_of(row.module);
    EXPECT_EQ(types.ok() ? *types : "", row.types) << row.module;
    EXPECT_THAT(types.ok() ? "" : types.error().message, HasSubstr(std::string(row.why)));
  }
}

TEST_F(ModuleFilesTest, NoListIsNotNoModules) {
  ModuleFiles files(modules(), ModuleFiles::Reading::at_once);
  EXPECT_EQ(files.modules_with("one").error().code, ErrorCode::unsupported);
  EXPECT_EQ(files.function_in("a", "one").error().code, ErrorCode::unsupported);
}

TEST_F(ModuleFilesTest, InTheBackgroundWhoAsksIsToldWhen) {
  folder_.write("6.1.0-test/a.ko", module_image({"one"}));
  write_list({"a.ko"});
  ModuleFiles files(modules(), ModuleFiles::Reading::in_background);
  const auto first = files.modules_with("one");
  ASSERT_FALSE(first.ok());
  EXPECT_TRUE(is_still_reading(first.error()));
  std::promise<void> read;
  files.when_read([&read] { read.set_value(); });
  read.get_future().wait();
  EXPECT_THAT(files.modules_with("one")->modules, ElementsAre("a"));
  files.stop();
}

TEST(ModulesDep, IsReadAsModprobeReadsIt) {
  std::vector<std::string> read;
  for (const ModuleFile& file : parse_modules_dep("kernel/snd-pcm.ko.xz: kernel/snd.ko.xz\n"
                                                  "extra/snd_pcm.ko:\n/opt/x.ko: a b\n"
                                                  "no colon.ko\nkernel/readme: x\n.ko:\n\n"
                                                  "kernel/y.koala: z\n",
                                                  "/lib/modules/6.1")) {
    read.push_back(file.name + " " + file.path);
  }
  EXPECT_THAT(read, ElementsAre("snd_pcm /lib/modules/6.1/kernel/snd-pcm.ko.xz", "x /opt/x.ko"));
}

}  // namespace
}  // namespace kprobed::symbols
