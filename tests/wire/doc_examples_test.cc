// SPDX-License-Identifier: Apache-2.0
//
// docs/protocol.md promises: what stands there as a request is one, and is written back the same;
// each reply is one to the request before it, with all its fields in their order; each refused
// request is answered as shown; every field, code and limit of the code is in the text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "../stream/make_event.h"
#include "base/file.h"
#include "base/text.h"
#include "stream/json_lines.h"
#include "wire/codec.h"
#include "wire/fields.h"
#include "wire/methods.h"

namespace kprobed::wire {
namespace {

struct Example {
  std::size_t line = 0;  ///< of the document
  std::string block;     ///< "json-request"
  std::string text;      ///< with its newline
};

std::string read_document() {
  auto document = read_file(KPROBED_PROTOCOL_DOCUMENT);
  EXPECT_TRUE(document.ok());
  return document.ok() ? *document : "";
}

/// The lines of all blocks called json-..., in the document's order.
std::vector<Example> read_examples() {
  std::vector<Example> examples;
  std::string block;
  std::size_t number = 0;
  const std::string document = read_document();
  for (const std::string_view line : split_lines(document)) {
    ++number;
    if (line.substr(0, 3) == "```")
      block = block.empty() ? std::string(line) : "";
    else if (block.substr(0, 8) == "```json-")
      examples.push_back({number, block.substr(3), std::string(line) + "\n"});
  }
  EXPECT_EQ(block, "") << "a block is not closed";
  EXPECT_GT(examples.size(), 30U);
  return examples;
}

/// Decoded and encoded again: the text itself, if the codec and the document agree.
template <typename Body>
std::string reply_again(const std::string& id, const std::string& line) {
  auto body = decode_reply<Body>(line);
  return body.ok() ? encode_reply(id, *body) : describe(body.error());
}

struct ReplyAgain {
  const std::string& id;
  const std::string& line;
  std::string operator()(const AddRequest&) const { return reply_again<AddReply>(id, line); }
  std::string operator()(const RemoveRequest&) const { return reply_again<NamesReply>(id, line); }
  std::string operator()(const EnableRequest&) const { return reply_again<NamesReply>(id, line); }
  std::string operator()(const DisableRequest&) const { return reply_again<NamesReply>(id, line); }
  std::string operator()(const ApplyRequest&) const { return reply_again<ApplyReply>(id, line); }
  std::string operator()(const ListRequest&) const { return reply_again<ListReply>(id, line); }
  std::string operator()(const CheckRequest&) const { return reply_again<CheckReply>(id, line); }
  std::string operator()(const StatusRequest&) const { return reply_again<StatusReply>(id, line); }
  std::string operator()(const LedgerRequest&) const { return reply_again<LedgerReply>(id, line); }
  std::string operator()(const SubscribeRequest&) const {
    return reply_again<SubscribeReply>(id, line);
  }
  std::string operator()(const UnsubscribeRequest&) const {
    return reply_again<EmptyReply>(id, line);
  }
};

TEST(ProtocolDocument, RequestsAndTheirReplies) {
  std::optional<Request> open;  // waits for its reply
  std::set<std::size_t> methods;
  for (const Example& example : read_examples()) {
    SCOPED_TRACE("docs/protocol.md:" + std::to_string(example.line));
    if (example.block == "json-request") {
      EXPECT_FALSE(open.has_value()) << "the request before has no reply";
      const auto decoded = decode_request(example.text);
      ASSERT_TRUE(std::holds_alternative<Request>(decoded)) << example.text;
      open = std::get<Request>(decoded);
      methods.insert(open->body.index());
      EXPECT_EQ(encode_request(*open), example.text);
    } else if (example.block == "json-progress") {
      ASSERT_TRUE(open.has_value()) << "of which request?";
      const auto line = classify(example.text);
      ASSERT_TRUE(line.ok()) << example.text;
      EXPECT_EQ(line->kind, ServerLine::Kind::progress);
      EXPECT_EQ(line->id, open->id);
      const auto progress = decode_progress(example.text);
      ASSERT_TRUE(progress.ok()) << describe(progress.error());
      EXPECT_EQ(encode_progress(line->id, *progress), example.text);
    } else if (example.block == "json-reply" && open) {
      const auto line = classify(example.text);
      ASSERT_TRUE(line.ok()) << example.text;
      EXPECT_EQ(line->id, open->id);
      if (line->kind == ServerLine::Kind::error) {
        const auto error = decode_error(example.text);
        ASSERT_TRUE(error.ok()) << describe(error.error());
        EXPECT_EQ(encode_error(line->id, *error), example.text);
      } else {
        EXPECT_EQ(std::visit(ReplyAgain{line->id, example.text}, open->body), example.text);
      }
      open.reset();
    }
  }
  EXPECT_FALSE(open.has_value()) << "the last request has no reply";
  EXPECT_EQ(methods.size(), kMethodNames.size()) << "a method without an example";
}

TEST(ProtocolDocument, RefusedRequestsAreAnsweredAsShown) {
  std::vector<std::string> answers;  // still to be found in the document
  std::size_t checked = 0;
  for (const Example& example : read_examples()) {
    SCOPED_TRACE("docs/protocol.md:" + std::to_string(example.line));
    if (example.block == "json-refused") {
      const auto decoded = decode_request(example.text);
      ASSERT_TRUE(std::holds_alternative<BadRequest>(decoded)) << example.text;
      const auto& bad = std::get<BadRequest>(decoded);
      answers.push_back(encode_error(bad.id, to_wire(bad.error)));
    } else if (example.block == "json-reply" && !answers.empty()) {
      EXPECT_EQ(example.text, answers.front());
      answers.erase(answers.begin());
      ++checked;
    }
  }
  EXPECT_TRUE(answers.empty());
  EXPECT_GT(checked, 2U);
}

/// The line as the daemon writes it: `stream`'s encoder for what is `stream`'s.
class LineAgain {
 public:
  LineAgain() { clock_.set_offset(kOffset); }

  // The encoder's events are tried in stream_writer_test.cc; here the two times must agree.
  std::string operator()(const EventLine& line) {
    std::string time;
    clock_.append(line.ts, time);
    EXPECT_EQ(line.time, time);
    return "";
  }
  /// tests/stream/protocol_document_test.cc writes them again, from the plans.
  std::string operator()(const SchemaLine&) { return {}; }
  std::string operator()(const LostLine& line) {
    return written([&](std::string& out) {
      lines_.lost({{.time_ns = line.ts, .cpu = line.cpu}, line.seq, line.count, line.tail}, out);
    });
  }
  std::string operator()(const LedgerLine& line) {
    const LedgerTerms& t = line.terms;
    const stream::LedgerTerms terms{.hits = t.hits,
                                    .missed = t.missed,
                                    .unattached = t.unattached,
                                    .kernel_dropped = t.kernel_dropped,
                                    .filtered = t.filtered,
                                    .sampled_out = t.sampled_out,
                                    .lost = t.lost,
                                    .unclaimed = t.unclaimed,
                                    .read = t.read,
                                    .malformed = t.malformed,
                                    .excluded = t.excluded,
                                    .discarded = t.discarded,
                                    .published = t.published,
                                    .held = t.held,
                                    .seen = t.seen,
                                    .shared = !line.event.empty() && !line.probe.empty()};
    return written([&](std::string& out) {
      lines_.ledger({line.seq, line.ts, line.probe, line.event, line.live, terms}, out);
    });
  }
  std::string operator()(const ProbeLine& line) {
    return written([&](std::string& out) {
      lines_.probe({line.seq, line.ts, line.probe, line.state, line.reason}, out);
    });
  }
  std::string operator()(const CpuLine& line) {
    return written([&](std::string& out) {
      lines_.cpu({line.seq, line.ts, line.cpu, line.state, line.reason}, out);
    });
  }
  std::string operator()(const DiscardedLine& line) {
    return written([&](std::string& out) {
      lines_.discarded({line.seq, line.ts, line.probe, line.count, line.reason}, out);
    });
  }
  std::string operator()(const SamplingLine& line) {
    return written([&](std::string& out) {
      lines_.sampling({line.seq, line.ts, line.probe, line.level, line.period, line.hits,
                       line.events, line.reason},
                      out);
    });
  }
  std::string operator()(const ClockLine& line) {
    clock_.set_offset(clock_.offset() + line.step_ns);
    return written([&](std::string& out) { lines_.clock({line.seq, line.ts, line.step_ns}, out); });
  }
  std::string operator()(const GapLine& line) { return encode_gap(line); }
  std::string operator()(const DroppedLine&) { return ""; }  // LogCursor's
  std::string operator()(const UnknownLine& line) { return "of unknown type " + line.type; }

 private:
  /// 262.389131 s after boot was 2026-11-23T03:14:05.262389131Z.
  static constexpr std::int64_t kOffset = 1'795'403'645'262'389'131 - std::int64_t{262'389'131'000};

  std::string written(const std::function<void(std::string&)>& write) {
    std::string out;
    write(out);
    return out;
  }

  stream::test::FewNames names_{{}};
  stream::WallClock clock_;
  stream::JsonLines lines_{names_, clock_};
};

TEST(ProtocolDocument, LinesOfTheStream) {
  std::set<std::string> types;
  LineAgain written_again;
  for (const Example& example : read_examples()) {
    if (example.block != "json-stream") continue;
    SCOPED_TRACE("docs/protocol.md:" + std::to_string(example.line));
    const auto line = classify(example.text);
    ASSERT_TRUE(line.ok()) << example.text;
    EXPECT_EQ(peek_type(example.text), line->type);
    types.insert(line->type);
    if (line->kind == ServerLine::Kind::hello) {
      const auto hello = decode_hello(example.text);
      ASSERT_TRUE(hello.ok()) << describe(hello.error());
      EXPECT_EQ(encode_hello(*hello), example.text);
      continue;
    }
    const auto decoded = decode_stream(example.text);
    ASSERT_TRUE(decoded.ok()) << describe(decoded.error());
    const std::string again = std::visit(written_again, *decoded);
    EXPECT_TRUE(again.empty() || again == example.text) << again;
  }
  EXPECT_THAT(types,
              testing::ElementsAre("clock", "cpu", "discarded", "dropped", "event", "gap", "hello",
                                   "ledger", "lost", "probe", "sampling", "schema"));
}

/// The names of all fields of the messages it is shown: a visitor of fields.h.
struct FieldNames {
  std::set<std::string> names;

  void required(std::string_view name, auto& value, auto...) {
    names.emplace(name);
    inside(value);
  }
  void field(std::string_view name, auto& value, auto...) { required(name, value); }
  void sparse(std::string_view name, auto& value, auto...) { required(name, value); }
  void flag(std::string_view name, auto&, bool) { names.emplace(name); }
  void position(auto&, auto&, auto&) { names.insert({"line", "begin", "end"}); }

  template <typename T>
  void inside(std::vector<T>&) {
    T item{};
    inside(item);
  }
  template <typename T>
  void inside(std::optional<T>&) {
    T item{};
    inside(item);
  }
  void inside(std::string&) {}
  template <typename T>
  void inside(T& value) {
    if constexpr (std::is_class_v<T>) describe(*this, value);
  }
  template <typename... T>
  void all() {
    (show<T>(), ...);
  }
  template <typename T>
  void show() {
    T message;
    describe(*this, message);
  }
};

TEST(ProtocolDocument, NamesEveryField) {
  FieldNames fields;
  fields.all<Hello, AddRequest, RemoveRequest, ApplyRequest, CheckRequest, SubscribeRequest,
             LedgerRequest, LedgerReply, LedgerLine, AddReply, NamesReply, ApplyReply, ListReply,
             CheckReply, SubscribeReply, StatusReply, Progress, WireError, EventLine, SchemaLine,
             LostLine, DroppedLine, ProbeLine, ClockLine, CpuLine, DiscardedLine, GapLine>();
  EXPECT_GT(fields.names.size(), 80U);
  const std::string document = read_document();
  for (const std::string& name : fields.names) {
    EXPECT_THAT(document, testing::HasSubstr("`" + name + "`")) << "is not explained";
    EXPECT_THAT(document, testing::HasSubstr("\"" + name + "\":")) << "is in no example";
  }
}

TEST(ProtocolDocument, ListsEveryCode) {
  const std::string document = read_document();
  const std::string table = document.substr(document.find("## Errors"));
  std::size_t rows = 0;
  for (const std::string_view line : split_lines(table)) rows += line.substr(0, 3) == "| `" ? 1 : 0;
  const int last = static_cast<int>(ErrorCode::internal);
  for (int i = 0; i <= last; ++i) {
    const std::string name(word(static_cast<ErrorCode>(i)));
    EXPECT_THAT(table, testing::HasSubstr("\n| `" + name + "` |"));
  }
  EXPECT_EQ(rows, static_cast<std::size_t>(last) + 2) << "a code that does not exist";
}

TEST(ProtocolDocument, TellsTheLimits) {
  const std::string document = read_document();
  const std::string table = document.substr(document.find("## Limits"));
  for (const std::string& limit : {with_thousands(kMaxRequestBytes), with_thousands(kMaxSpecBytes),
                                   with_thousands(kMaxListItems), with_thousands(kMaxNameBytes),
                                   std::to_string(kMaxPid), std::to_string(kMaxForMs)}) {
    EXPECT_THAT(table, testing::HasSubstr("| " + limit));
  }
  for (const std::string_view reason : {kGapRestart, kGapAhead})
    EXPECT_THAT(document, testing::HasSubstr("| `" + std::string(reason) + "` |"));
}

}  // namespace
}  // namespace kprobed::wire
