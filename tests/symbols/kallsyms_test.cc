// SPDX-License-Identifier: Apache-2.0
#include "symbols/kallsyms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "temporary_files.h"

namespace kprobed::symbols {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string read_data(const std::string& name) {
  std::ifstream file(std::string(KPROBED_TEST_DATA) + "/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Debian's 6.1 with `dummy` loaded; an excerpt of 250 symbols.
Kallsyms debian_6_1() { return Kallsyms::parse(read_data("6.1/kallsyms")); }

// What the excerpt does not show, spelled as real kernels spell it.
constexpr std::string_view kOddities =
    "0000000000000000 A fixed_percpu_data\n"
    "0000000000014080 A cpu_hw_events\n"
    "ffffffff81000000 T _text\n"
    "ffffffff81000000 T _stext\n"
    "ffffffff81000000 T startup\n"
    "ffffffff81000100 t __pfx_do_open\n"
    "ffffffff81000110 t do_open\n"
    "ffffffff81000200 t local_alias\n"
    "ffffffff81000200 W __memcpy\n"
    "ffffffff81000200 W memcpy\n"
    "ffffffff81000200 W __pi_memcpy\n"
    "ffffffff81000300 t twice\n"
    "ffffffff81000300 t once\n"
    "ffffffff81000400 t twice\n"
    "ffffffff81001000 T _etext\n"
    "ffffffff81001800 T after_the_end\n"
    "ffffffff82000000 D jiffies\n"
    "ffffffff83000000 T _sinittext\n"
    "ffffffff83000010 T start_kernel\n"
    "ffffffff83001000 T _einittext\n"
    "ffffffffc0100000 t second\t[mod_b]\n"
    "ffffffffc0100ff0 t last\t[mod_b]\n"
    "ffffffffc0103000 d data\t[mod_b]\n"
    "ffffffffc0000000 t first\t[mod_a]\n"
    "ffffffffc0000000 t init_module\t[mod_a]\n"
    "ffffffffc0000000 t mod_a_init\t[mod_a]\n"
    "ffffffffc0201000 t ftrace_trampoline\t[__builtin__ftrace]\n"
    "ffffffffc0300000 t bpf_prog_6deef7357e7b4530\t[bpf]\n";

struct Named {
  std::uint64_t address;
  std::string_view symbol;
  std::uint64_t offset = 0;
};

void expect_places(const Kallsyms& kallsyms, std::initializer_list<Named> rows) {
  for (const Named& row : rows) {
    const TextNames::Place place = kallsyms.text_names()->place_of(row.address);
    EXPECT_EQ(place.symbol, row.symbol) << std::hex << row.address;
    EXPECT_EQ(place.offset, row.offset) << std::hex << row.address;
  }
}

TEST(Kallsyms, NamesAddressesOfARealKernel) {
  expect_places(debian_6_1(), {
                                  {0xffffffff8134cc50, "vfs_read"},
                                  {0xffffffff8134cc54, "vfs_read", 4},
                                  {0xffffffff8134cc4f, "kernel_read", 0x9f},
                                  {0xffffffff81000000, "_stext"},
                                  {0xffffffff80ffffff, ""},
                                  {0xffffffff819c70e4, "__cpuid", 1},
                                  {0xffffffff81e01ef1, "thaw_super_locked.cold", 0x424e3f},
                                  {0xffffffff81e01ef2, ""},  // _etext itself is outside
                                  {0xffffffff83089a55, ""},  // init text is gone
                                  {0xffffffffc02010a0, "dummy_xmit"},
                                  {0xffffffffc0201110, "dummy_dev_uninit"},
                                  {0xffffffffc02012c7, "dummy_cleanup_module"},
                                  {0xffffffffc0203100, ""},  // its data
                                  {0, ""},
                                  {~std::uint64_t{0}, ""},
                              });
}

TEST(Kallsyms, PrefersTheNameAPersonWouldUse) {
  expect_places(Kallsyms::parse(kOddities), {
                                                {0xffffffff81000000, "startup"},
                                                {0xffffffff81000111, "do_open", 1},
                                                {0xffffffff81000104, "__pfx_do_open", 4},
                                                {0xffffffff81000200, "memcpy"},
                                                {0xffffffff81000308, "once", 8},
                                                {0xffffffff81000400, "twice"},
                                                {0xffffffffc0000000, "first"},
                                            });
}

TEST(Kallsyms, KnowsWhereTextIs) {
  const Kallsyms kallsyms = Kallsyms::parse(kOddities);
  struct Row {
    std::uint64_t address;
    bool in_text, named;
    std::string_view why;
  };
  for (const Row& row : {
           Row{0xffffffff81000000, true, true, "_stext"},
           Row{0xffffffff81000fff, true, true, "the last byte"},
           Row{0xffffffff81001000, false, false, "_etext"},
           Row{0xffffffff81001800, false, false, "a text symbol outside"},
           Row{0xffffffff80ffffff, false, false, "before"},
           Row{0x14080, false, false, "per-cpu offset"},
           Row{0xffffffff82000000, false, false, "data"},
           Row{0xffffffff83000010, false, false, "init text"},
           Row{0xffffffffc0000000, true, true, "module, listed after one that lies above"},
           Row{0xffffffffc0100ff8, true, true, "module"},
           Row{0xffffffffc0101800, true, true, "its last function may reach into the next page"},
           Row{0xffffffffc0103000, false, false, "module data"},
           Row{0xffffffffc0201008, false, true, "ftrace's trampoline: named, not probed"},
           Row{0xffffffffc0300010, false, true, "a BPF program"},
       }) {
    EXPECT_EQ(kallsyms.in_text(row.address), row.in_text) << row.why;
    EXPECT_EQ(kallsyms.text_symbol_at(row.address).has_value(), row.in_text) << row.why;
    EXPECT_EQ(!kallsyms.text_names()->place_of(row.address).symbol.empty(), row.named) << row.why;
  }
}

TEST(Kallsyms, KnowsWhereAFunctionEnds) {
  const Kallsyms kallsyms = Kallsyms::parse(kOddities);
  struct Row {
    std::uint64_t address, end;
    std::string_view module;
  };
  for (const Row& row : {
           Row{0xffffffff81000110, 0xffffffff81000200, ""},
           Row{0xffffffff810001ff, 0xffffffff81000200, ""},
           Row{0xffffffff81000200, 0xffffffff81000300, ""},       // four names, one place
           Row{0xffffffff81000400, 0xffffffff81001000, ""},       // the last: up to _etext
           Row{0xffffffffc0000000, 0xffffffffc0002000, "mod_a"},  // page by page
           Row{0xffffffffc0100000, 0xffffffffc0100ff0, "mod_b"},
           Row{0xffffffffc0300010, 0xffffffffc0302000, "bpf"},
           Row{0xffffffff81001000, 0, ""},
           Row{0xffffffff83000010, 0, ""},
           Row{0xffffffffc0103000, 0, ""},
           Row{0, 0, ""},
       }) {
    EXPECT_EQ(kallsyms.end_of(row.address), row.end) << std::hex << row.address;
    const TextNames::Place place = kallsyms.text_names()->place_of(row.address);
    EXPECT_EQ(place.module, row.module) << std::hex << row.address;
    EXPECT_EQ(place.size == 0 ? 0 : row.address - place.offset + place.size, row.end)
        << std::hex << row.address;
  }
}

TEST(Kallsyms, FindsByPattern) {
  const Kallsyms kallsyms = Kallsyms::parse(kOddities);
  struct Row {
    const char *pattern, *module;
    std::vector<std::string> names;
  };
  for (const Row& row : {
           Row{"do_*", "", {"do_open"}},
           Row{"*open", "", {"__pfx_do_open", "do_open"}},
           Row{"twice", "", {"twice", "twice"}},  // two places
           Row{"*memcpy", "", {"memcpy"}},        // one place: the name a person would use
           Row{"__pi_*", "", {"__pi_memcpy"}},
           Row{"m?mc[a-p]y", "", {"memcpy"}},
           Row{"jiffies*", "", {}},  // data
           Row{"first*", "mod_a", {"first"}},
           Row{"*", "mod_b", {"second", "last"}},
           Row{"*", "mod_c", {}},
           Row{"*trampoline", "", {}},
           Row{"\\memcpy", "", {"memcpy"}},
           Row{"[", "", {}},
           Row{"", "", {}},
       }) {
    std::vector<std::string> names;
    for (const auto& symbol : kallsyms.matching(row.pattern, row.module)) {
      names.push_back(symbol.name);
    }
    EXPECT_EQ(names, row.names) << row.pattern;
  }
  const auto all = debian_6_1().matching("*", "");
  EXPECT_GT(all.size(), 100u);
  EXPECT_TRUE(std::ranges::is_sorted(all, std::ranges::less_equal{}, &resolve::Symbol::address));
  // Without addresses each name is a place of its own.
  EXPECT_EQ(Kallsyms::parse("0 t a\n0 t ab\n0 d abc\n").matching("a*", "").size(), 2u);
}

TEST(Kallsyms, FindsByNameTheKernelsOwnFirst) {
  using resolve::Symbol;
  const Kallsyms kallsyms = Kallsyms::parse(kOddities);
  EXPECT_THAT(kallsyms.find("twice", ""),
              ElementsAre(Symbol{"twice", "", 0xffffffff81000300, 't'},
                          Symbol{"twice", "", 0xffffffff81000400, 't'}));
  EXPECT_THAT(kallsyms.find("jiffies", ""),
              ElementsAre(Symbol{"jiffies", "", 0xffffffff82000000, 'D'}));
  EXPECT_THAT(kallsyms.find("data", "mod_b"),
              ElementsAre(Symbol{"data", "mod_b", 0xffffffffc0103000, 'd'}));
  EXPECT_THAT(kallsyms.find("data", "mod_a"), IsEmpty());
  EXPECT_THAT(kallsyms.find("", ""), IsEmpty());
  EXPECT_THAT(kallsyms.find("no_such", ""), IsEmpty());
  EXPECT_THAT(kallsyms.find("ftrace_trampoline", ""), IsEmpty());
  EXPECT_THAT(debian_6_1().find("__cpuid", ""), testing::SizeIs(3));
}

TEST(Kallsyms, FindsEverySymbolOfARealKernel) {
  const std::string text = read_data("6.12/kallsyms");
  const Kallsyms kallsyms = Kallsyms::parse(text);
  std::size_t symbols = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1, ++symbols) {
    const std::string_view line = std::string_view(text).substr(at, text.find('\n', at) - at);
    const std::string_view name = line.substr(19, line.find('\t') - 19);
    const auto found = kallsyms.find(name, "");
    EXPECT_TRUE(std::ranges::any_of(found, [&](const resolve::Symbol& symbol) {
      return symbol.address == std::stoull(std::string(line.substr(0, 16)), nullptr, 16);
    })) << line;
  }
  EXPECT_GT(symbols, 200u);
}

TEST(Kallsyms, KnowsModules) {
  const Kallsyms kallsyms = Kallsyms::parse(kOddities);
  for (const std::string_view name : {"mod_a", "mod_b"}) EXPECT_TRUE(kallsyms.has_module(name));
  for (const std::string_view name : {"", "mod", "bpf", "__builtin__ftrace"}) {
    EXPECT_FALSE(kallsyms.has_module(name)) << name;
  }
}

TEST(Kallsyms, WithHiddenAddressesStillKnowsNames) {
  const Kallsyms kallsyms = Kallsyms::parse(
      "0000000000000000 T _stext\n"
      "0000000000000000 T vfs_read\n"
      "0000000000000000 t dummy_xmit\t[dummy]\n");
  EXPECT_FALSE(kallsyms.addresses_visible());
  EXPECT_TRUE(debian_6_1().addresses_visible());
  EXPECT_THAT(kallsyms.find("vfs_read", ""), testing::SizeIs(1));
  EXPECT_TRUE(kallsyms.has_module("dummy"));
  EXPECT_FALSE(kallsyms.in_text(0));
  EXPECT_EQ(kallsyms.text_names()->place_of(0).symbol, "");
}

TEST(Kallsyms, SuggestsWhatIsNear) {
  const Kallsyms kallsyms = debian_6_1();
  struct Row {
    std::string_view name;
    std::vector<std::string> near;
  };
  for (const Row& row : {
           Row{"do_sys_opnat2", {"do_sys_openat2", "__do_sys_openat2"}},
           Row{"vfs_raed", {"vfs_read", "vfs_readv"}},
           Row{"vfs_kern_mout", {"vfs_kern_mount"}},
           Row{"thaw_super_locked", {"thaw_super_locked.cold"}},  // the compiler's variant
           Row{"entirely_different", {}},
           Row{"linux_proc_banner", {}},
           Row{"x", {}},
       }) {
    EXPECT_EQ(kallsyms.similar(row.name, 3), row.near) << row.name;
  }
  EXPECT_EQ(kallsyms.similar("vfs_raed", 1).size(), 1u);
}

TEST(Kallsyms, SkipsLinesThatAreNotSymbols) {
  const Kallsyms kallsyms = Kallsyms::parse(
      "\n"
      "nonsense\n"
      "ffffffff81000000\n"
      "ffffffff81000000 \n"
      "ffffffff81000000 T\n"
      "ffffffff81000000 T \n"
      "ffffffff81000000 TT name\n"
      "FFFFFFFF81000000 T upper_case\n"
      "0ffffffff81000000 T too_many_digits\n"
      "ffffffff81000000 T open\t[mod\n"
      "ffffffff81000000 T empty\t[]\n"
      "ffffffff81000000 T last");
  EXPECT_THAT(kallsyms.find("name", ""), IsEmpty());
  EXPECT_THAT(kallsyms.find("upper_case", ""), IsEmpty());
  EXPECT_THAT(kallsyms.find("too_many_digits", ""), IsEmpty());
  EXPECT_THAT(kallsyms.find("open", ""), IsEmpty());
  EXPECT_THAT(kallsyms.find("empty", ""), IsEmpty());
  EXPECT_THAT(kallsyms.find("last", ""), testing::SizeIs(1));
}

TEST(Kallsyms, OfNothingAnswersEverything) {
  const Kallsyms kallsyms = Kallsyms::parse("");
  EXPECT_FALSE(kallsyms.addresses_visible());
  EXPECT_THAT(kallsyms.find("vfs_read", ""), IsEmpty());
  EXPECT_EQ(kallsyms.text_symbol_at(0xffffffff81000000), std::nullopt);
  EXPECT_THAT(kallsyms.similar("vfs_read", 3), IsEmpty());
}

TEST(Kallsyms, AreReadPieceByPiece) {
  // Lines over every boundary of a piece; the last without its end.
  std::string text = "ffffffff81000000 T _stext\n";
  for (int i = 0; i < 20000; ++i) {
    text += "ffffffff81" + std::to_string(100000 + i) + " t function_" + std::to_string(i) + "\n";
  }
  text += "ffffffff82000000 T _etext";
  const TemporaryFolder folder;
  const auto read = Kallsyms::read(folder.write("kallsyms", text));
  ASSERT_TRUE(read.ok()) << describe(read.error());
  const Kallsyms parsed = Kallsyms::parse(text);
  EXPECT_EQ(read->matching("*", ""), parsed.matching("*", ""));
  EXPECT_EQ(read->matching("function_*", "").size(), 20000u);
  EXPECT_EQ(read->find("_etext", "").size(), 1u);
}

TEST(Kallsyms, ThatCannotBeReadIsAnError) {
  const TemporaryFolder folder;
  EXPECT_TRUE(Kallsyms::read(folder.write("empty", "")).ok());
  EXPECT_FALSE(Kallsyms::read(folder.write("zeros", std::string(1 << 20, '\0'))).ok());
  EXPECT_FALSE(Kallsyms::read(folder.path()).ok());
  EXPECT_FALSE(Kallsyms::read("/nonexistent/kallsyms").ok());
}

}  // namespace
}  // namespace kprobed::symbols
