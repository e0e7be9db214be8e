// SPDX-License-Identifier: Apache-2.0
#include "resolve/kernel_line.h"

#include <algorithm>

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
void write_point(LineWriter& line, const ResolvedProbe& probe) {
  const probespec::ProbePoint& point = probe.spec.point;
  const std::string_view text = probe.kernel_point;
  const std::size_t plus = std::min(text.rfind('+'), text.size());
  const Span& symbol = known_or(point.symbol_span, point.span);
  line.piece(text.substr(0, plus), symbol);
  if (plus < text.size()) line.piece(text.substr(plus), known_or(point.offset_span, symbol));
}

void write_argument(LineWriter& line, const ResolvedArg& arg, const probespec::FetchArg& wish) {
  const Span& whole = known_or(wish.span, arg.span);
  line.plain(" ");
  line.piece(arg.kernel_name, known_or(wish.name_span, whole));
  line.plain("=");
  line.piece(arg.fetch, known_or(wish.expr.span, whole));
  line.plain(":");
  line.piece(probespec::word(arg.type),
             wish.type ? known_or(wish.type->span, whole) : known_or(wish.expr.span, whole));
}

}  // namespace

KernelLine compose_line(const ResolvedProbe& probe, std::string_view group,
                        std::string_view event) {
  // p[:[GRP/]EVENT] [MOD:]SYM[+offs] [NAME=FETCHARG:TYPE]... (Documentation/trace/kprobetrace.rst)
  LineWriter line(probe.spec.span);
  line.plain(probe.spec.kind == probespec::ProbeKind::entry ? "p" : "r");
  line.plain(":");
  line.plain(group);
  line.plain("/");
  line.plain(event);
  line.plain(" ");
  write_point(line, probe);
  for (std::size_t i = 0; i < probe.args.size(); ++i) {
    if (probe.args[i].source != ValueSource::fetcharg) continue;
    write_argument(line, probe.args[i], probe.spec.args[i]);
  }
  return std::move(line).finish();
}

Span KernelLine::blame(std::size_t column) const {
  for (const Piece& piece : pieces) {
    if (column >= piece.begin && column < piece.end && piece.span.known()) return piece.span;
  }
  return whole;
}

}  // namespace kprobed::resolve
