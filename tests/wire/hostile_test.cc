// SPDX-License-Identifier: Apache-2.0
//
// Bytes from those who mean harm, or whose connection broke. Nothing here may crash, hang or pass
// for something else.
#include <gtest/gtest.h>

#include <random>

#include "any_line.h"
#include "wire/codec.h"

namespace kprobed::wire {
namespace {

constexpr std::string_view kLines[] = {
    R"({"id":1,"method":"add","params":{"spec":"p f a1","for_ms":600000,"resolve":true}})",
    R"({"id":"\u00fc","method":"remove","params":{"probes":["vfs_*","x"]}})",
    R"({"id":-1.5e3,"method":"subscribe","params":{"pids":[1],"resume":{"stream":"s","seq":9}}})",
    R"({"type":"hello","version":"0.1.0","schema":1,"stream":"s","host":"h","clock":"monotonic"})",
    R"({"type":"event","seq":1,"time":"T","ts":2,"probe":"f","args":{"a":null,"b":-7,"c":"0x1f"},)"
    R"("faults":{"a":"unreadable"},"bytes":{"c":"ff"}})",
    R"({"type":"schema","probe":"f","args":[{"name":"a","type":"string","format":"hex"}]})",
    R"({"type":"clock","seq":1,"time":"T","ts":2,"step_ns":-1500000000})",
    R"({"id":1,"result":{"probes":[{"name":"f","spec":"p f","state":"armed","rate":0.5,)"
    R"("notes":[{"code":"c","message":"m","line":1,"begin":0,"end":2}]}]}})",
    R"({"id":1,"error":{"code":"syntax","message":"m","data":{"line":1,"begin":2,"end":3}}})",
    R"({"version":1,"probes":[{"spec":"p f","name":"f","owner_uid":0}],"crash_times_ms":[1]})",
};

TEST(Hostile, CutOffAtEveryByte) {
  for (const std::string_view line : kLines) {
    for (std::size_t length = 0; length < line.size(); ++length) {
      const std::string_view cut = line.substr(0, length);
      EXPECT_TRUE(std::holds_alternative<BadRequest>(decode_request(cut))) << cut;
      EXPECT_FALSE(classify(cut).ok()) << cut;
      EXPECT_FALSE(decode_stream(cut).ok()) << cut;
      check_any_line(cut);
    }
  }
}

TEST(Hostile, EveryByteReplacedByEveryOther) {
  for (const std::string_view line : kLines) {
    for (std::size_t at = 0; at < line.size(); at += 3) {
      std::string changed(line);
      for (const int byte :
           {0x00, 0x0a, 0x22, 0x2c, 0x2d, 0x39, 0x5b, 0x5d, 0x5c, 0x7b, 0x7d, 0x80, 0xc3, 0xff}) {
        changed[at] = static_cast<char>(byte);
        check_any_line(changed);
      }
    }
  }
}

TEST(Hostile, RandomBytes) {
  std::mt19937_64 random(2009);
  for (int i = 0; i < 3000; ++i) {
    std::string line(random() % 64, '\0');
    for (char& c : line) c = static_cast<char>(random());
    check_any_line(line);
  }
}

// Random pieces of JSON get further into the reader than random bytes.
TEST(Hostile, RandomPieces) {
  constexpr std::string_view kPieces[] = {"{",
                                          "}",
                                          "[",
                                          "]",
                                          ",",
                                          ":",
                                          "\"id\"",
                                          "\"method\"",
                                          "1",
                                          "-1",
                                          "1.5",
                                          "null",
                                          "true",
                                          "\"add\"",
                                          "\"x\"",
                                          "\"params\"",
                                          "\"\"",
                                          "\"type\"",
                                          "\"event\"",
                                          "\"seq\"",
                                          "\"args\"",
                                          "\"error\"",
                                          " ",
                                          "\"result\"",
                                          "\"pids\"",
                                          "\"probes\"",
                                          "1e400",
                                          "\"\\ud800\"",
                                          "99999999999999999999",
                                          "{\"id\":1,\"method\":\"list\"",
                                          "{\"type\":\"event\",\"args\":{"};
  std::mt19937_64 random(1);
  for (int i = 0; i < 10000; ++i) {
    std::string line;
    for (std::uint64_t n = random() % 24; n > 0; --n)
      line += kPieces[random() % std::size(kPieces)];
    check_any_line(line);
  }
}

std::string repeated(std::string_view piece, std::size_t count) {
  std::string text;
  text.reserve(piece.size() * count);
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

TEST(Hostile, DeepNesting) {
  for (const std::string_view piece : {"[", "{\"a\":", "[{\"a\":", "[[],"}) {
    for (const std::size_t count : {std::size_t{1000}, std::size_t{1'000'000}}) {
      const std::string text = repeated(piece, count);
      check_any_line(text);
      check_any_line(R"({"id":1,"method":"list","params":)" + text);
      check_any_line(R"({"type":"event","args":)" + text);
    }
  }
  // Closed again, as a well-formed text is.
  const std::string deep = repeated("[", 1'000'000) + repeated("]", 1'000'000);
  check_any_line(deep);
  EXPECT_EQ(decode_stream(deep).error().code, ErrorCode::too_many);
}

TEST(Hostile, MuchOfEverything) {
  check_any_line(std::string(10'000'000, '['));
  check_any_line(std::string(kMaxRequestBytes, ' '));
  check_any_line(std::string(kMaxRequestBytes, '\0'));
  check_any_line("{\"id\":" + std::string(300'000, '9') + "}");
  check_any_line("{\"id\":0." + std::string(300'000, '9') + "}");
  check_any_line("{\"id\":1e" + std::string(300'000, '9') + "}");
  check_any_line("{\"" + std::string(300'000, 'k') + "\":1}");
  check_any_line("{\"method\":\"" + std::string(300'000, '\\') + "\"}");
  check_any_line("{\"method\":\"" + std::string(1'000'000, '\xff') + "\"}");
  check_any_line("{\"id\":\"" + repeated("\\u0000", 100'000) + "\"}");
}

// All that a client may send in one line, in the shapes that cost a careless reader its square.
TEST(Hostile, ManyKeysAreNotCompared) {
  const std::string same = "{" + repeated("\"method\":\"list\",", 60'000) + "\"x\":1}";
  ASSERT_LT(same.size(), kMaxRequestBytes);
  const auto request = decode_request(same);
  ASSERT_TRUE(std::holds_alternative<BadRequest>(request));
  EXPECT_EQ(std::get<BadRequest>(request).error.code, ErrorCode::too_many);
  const std::string fewer = "{" + repeated("\"method\":\"list\",", 16'000) + "\"x\":1}";
  EXPECT_TRUE(std::holds_alternative<Request>(decode_request(fewer)));
}

}  // namespace
}  // namespace kprobed::wire
