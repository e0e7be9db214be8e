// SPDX-License-Identifier: Apache-2.0
//
// Bytes from nowhere, and good specs with a few bytes broken: nothing may crash, and every error
// must have its place. tests/fuzz/parse_target.cc says what is checked.
#include <gtest/gtest.h>

#include <random>

#include "probespec/parse.h"
#include "spec_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace kprobed::probespec {
namespace {

void check(const std::string& text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

TEST(Hostile, RandomBytes) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random() % 80, '\0');
    for (char& c : text) c = static_cast<char>(random());
    check("p f " + text);
    check(text);
  }
}

TEST(Hostile, RandomWordsOfTheLanguage) {
  const std::string_view pieces[] = {
      "p",       "r",       " ",          "  ",   "f",     "ext4:", "a1",      "a0",    "r0",
      "s1",      "rv",      "rp",         "m0x1", "$arg1", "$",     "$retval", "$comm", "$stack",
      "$stack3", "%di",     "%",          "@",    "@j",    "@0x1",  "+",       "-",     "+u",
      "8",       "0x10",    "4294967296", "(",    ")",     "+8(",   "-u0(",    ":",     "u8",
      "string",  ":u64",    ":ustring",   "x=",   "=",     "#",     "\n",      "\r\n",  "\t",
      "[2]",     "b1@2/8",  "f",          "t",    "r10",   ":g/e",  "/b",      ":x",    "%return",
      "%all",    "*",       "[a-z]",      "->",   ".x",    "[1]",   "x",       "$x",    "$args",
      "\\5",     "\\\"t\"", "@+8",        "{4}",  "if",    " if ",  "==",      "&&",    "||",
      "!",       "<=",      "&",          "~",    "\"t\"", "'",     "comm",    "-1",    "g/e",
      "%pd"};
  std::mt19937_64 random(2);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = random() % 4 == 0 ? "" : random() % 2 == 0 ? "p f " : "r f ";
    for (auto left = random() % 12; left > 0; --left) text += pieces[random() % std::size(pieces)];
    check(text);
  }
}

TEST(Hostile, GoodSpecsWithAFewBytesBroken) {
  const std::string_view good[] = {
      "p do_sys_openat2 dfd=a1:s32 filename=a2:ustring how=+0(a3):x64",
      "r do_sys_openat2 rv:s32 rp",
      "p ext4:ext4_file_open+0x10 n=+u8(-16(%di)):string $comm @jiffies+8:u64 # all",
      "r10:g/e tcp_v4_* $args how->flags[3].x:b3@2/32 \\-5 \\\"text\" x=file:%pD if x >= 0x10",
      "p /bin/bash:readline+8 @+0x10:string{16} +0(a1):u8[4] if !(comm ~ \"a#*\" || rv & 3)",
      "t sched/sched_switch prev_comm:string next_pid if next_pid==-1 && (prev_pid != 0)",
      "p 0xffffffff810c6a3a s0 r3 m0xc0ffee $stack $stack1 $arg6:s8\r\np vfs_read",
  };
  std::mt19937_64 random(3);
  for (int i = 0; i < 20'000; ++i) {
    std::string text(good[random() % std::size(good)]);
    for (auto left = 1 + random() % 3; left > 0 && !text.empty(); --left) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, 1 + random() % 4);
          break;
        case 2:
          text.insert(at, 1, text[random() % text.size()]);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), 8));
          break;
      }
    }
    check(text);
  }
}

TEST(Hostile, LongOnes) {
  for (const std::string_view piece : {"+0(",      "(",
                                       ")",        "a1 ",
                                       "x=",       ":",
                                       "p ",       "\n",
                                       "@",        "0",
                                       "-",        "%",
                                       "p f m9 ",  "\r",
                                       "f\n",      "p f\n",
                                       "#",        "->x",
                                       "[1]",      "*",
                                       "p f if (", "p f if !",
                                       "x==1&&",   "p f x if x==1||",
                                       "\"",       "p f if x == \""}) {
    for (const std::size_t times : {64U, 4'500U}) {
      check(repeat(piece, times));
      check("p f " + repeat(piece, times));
      check("p " + repeat(piece, times));
    }
  }
}

}  // namespace
}  // namespace kprobed::probespec
