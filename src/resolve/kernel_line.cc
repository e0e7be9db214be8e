// SPDX-License-Identifier: Apache-2.0
#include "resolve/kernel_line.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/format.h"
#include "resolve/binary_place.h"

namespace kprobed::resolve {

namespace {

class LineWriter {
 public:
  explicit LineWriter(Span whole) { line_.whole = std::move(whole); }

  /// Appends text that `span` stands for.
  void piece(std::string_view text, const Span& span) {
    const std::size_t begin = line_.text.size();
    line_.text += text;
    line_.pieces.push_back({begin, line_.text.size(), span});
  }
  /// Appends text that is nobody's.
  void plain(std::string_view text) { line_.text += text; }

  KernelLine finish() && { return std::move(line_); }

 private:
  KernelLine line_;
};

const Span& known_or(const Span& span, const Span& otherwise) {
  return span.known() ? span : otherwise;
}

/// "MOD:SYM+off": the offset stands for the user's offset where one was written, all else (also an
/// offset of ours) for the symbol or address.
void write_kernel_point(LineWriter& line, const probespec::ProbePoint& point,
                        std::string_view text) {
  const std::size_t plus = std::min(text.rfind('+'), text.size());
  const Span& symbol = known_or(point.symbol_span, point.span);
  line.piece(text.substr(0, plus), symbol);
  if (plus < text.size()) line.piece(text.substr(plus), known_or(point.offset_span, symbol));
}

/// "PATH:OFFSET(REFCTR)": OFFSET stands for all of SYMBOL+off.
void write_binary_point(LineWriter& line, const ResolvedProbe& probe) {
  const probespec::ProbePoint& point = probe.spec.point;
  const std::string_view text = probe.kernel_point;
  const std::size_t place = std::min(probe.path.size() + 1, text.size());
  const std::size_t counter = std::min(text.find('(', place), text.size());
  Span where = known_or(point.symbol_span, point.span);
  if (point.offset_span.known()) where = cover(where, point.offset_span);
  line.piece(text.substr(0, place), path_span(point));
  line.piece(text.substr(place, counter - place), where);
  if (counter < text.size()) line.piece(text.substr(counter), point.span);
}

void write_point(LineWriter& line, const ResolvedProbe& probe, std::string_view kernel_point) {
  const probespec::ProbePoint& point = probe.spec.point;
  switch (probe.source) {
    case EventSource::kprobe:
      write_kernel_point(line, point, kernel_point);
      break;
    case EventSource::uprobe:
      write_binary_point(line, probe);
      break;
    case EventSource::dynamic:
      line.piece(kernel_point, known_or(point.symbol_span, point.span));
      if (probe.spec.kind == probespec::ProbeKind::on_return) {
        line.piece("%return", known_or(probe.spec.kind_span, point.span));
      }
      break;
    case EventSource::existing:
      break;
  }
}

void write_argument(LineWriter& line, const ResolvedArg& arg) {
  const Span& fetch = known_or(arg.fetch_span, arg.span);
  line.plain(" ");
  line.piece(arg.kernel_name, known_or(arg.name_span, arg.span));
  line.plain("=");
  line.piece(arg.fetch, fetch);
  if (arg.kernel_type.empty()) return;
  line.plain(":");
  line.piece(arg.kernel_type, known_or(arg.type_span, fetch));
  if (arg.second_fetch.empty()) return;
  line.piece(format(" {}={}:{}", arg.second_name, arg.second_fetch, arg.kernel_type), fetch);
}

/// 'p', 'r', 'f', 't': only kprobes and uprobes say by their letter that they are for the return.
std::string_view kind_letter(const probespec::ProbeSpec& spec) {
  if (spec.mechanism == probespec::Mechanism::fprobe) return "f";
  if (spec.mechanism == probespec::Mechanism::tracepoint) return "t";
  return spec.kind == probespec::ProbeKind::entry ? "p" : "r";
}

KernelLine compose(const ResolvedProbe& probe, std::string_view kernel_point,
                   std::string_view group, std::string_view event) {
  // KIND[MAXACTIVE][:[GRP/]EVENT] PLACE [NAME=FETCHARG:TYPE]...
  // (Documentation/trace/*probetrace.rst)
  LineWriter line(probe.spec.span);
  line.plain(kind_letter(probe.spec));
  if (probe.spec.max_active != 0) {
    line.piece(std::to_string(probe.spec.max_active), probe.spec.kind_span);
  }
  line.plain(":");
  line.plain(group);
  line.plain("/");
  line.plain(event);
  line.plain(" ");
  write_point(line, probe, kernel_point);
  for (const ResolvedArg& arg : probe.args) {
    if (arg.source == ValueSource::fetcharg) write_argument(line, arg);
  }
  for (const std::string& hidden : probe.padding) {
    line.plain(" ");
    line.plain(hidden);
  }
  return std::move(line).finish();
}

}  // namespace

std::vector<KernelLine> compose_lines(const ResolvedProbe& probe, std::string_view group,
                                      std::string_view event) {
  std::vector<KernelLine> lines;
  if (probe.source == EventSource::existing) return lines;
  if (probe.members.empty()) lines.push_back(compose(probe, probe.kernel_point, group, event));
  for (const ProbeMember& member : probe.members) {
    lines.push_back(compose(probe, member.kernel_point, group, event));
  }
  return lines;
}

KernelLine compose_line(const ResolvedProbe& probe, std::string_view group,
                        std::string_view event) {
  if (probe.source == EventSource::existing) return KernelLine{{}, {}, probe.spec.span};
  const bool single = probe.members.empty();
  return compose(probe, single ? probe.kernel_point : probe.members.front().kernel_point, group,
                 event);
}

Span KernelLine::blame(std::size_t column) const {
  for (const Piece& piece : pieces) {
    if (column >= piece.begin && column < piece.end && piece.span.known()) return piece.span;
  }
  return whole;
}

}  // namespace kprobed::resolve
