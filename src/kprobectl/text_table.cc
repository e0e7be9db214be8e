// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/text_table.h"

#include <algorithm>

#include "kprobectl/daemon.h"

namespace kprobed::kprobectl {

namespace {

/// A byte inside a UTF-8 character takes no column of its own.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

void TextTable::row(const std::vector<std::string>& cells) {
  Line line;
  for (const std::string& cell : cells) line.cells.push_back(shown(cell));
  lines_.push_back(std::move(line));
}

void TextTable::remark(std::string_view text) {
  lines_.push_back({.cells = {shown(text)}, .is_remark = true});
}

std::string TextTable::text() const {
  std::vector<std::size_t> widths;
  std::vector<std::string> titles;
  for (const Column& column : columns_) {
    titles.push_back(column.title);
    widths.push_back(width_of(column.title));
  }
  for (const Line& line : lines_) {
    for (std::size_t i = 0; !line.is_remark && i < line.cells.size(); ++i)
      widths[i] = std::max(widths[i], width_of(line.cells[i]));
  }

  std::string out;
  const auto append = [&](const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string fill(widths[i] - width_of(cells[i]), ' ');
      if (i != 0) out += "  ";
      if (columns_[i].align == Align::right) out += fill;
      out += cells[i];
      if (columns_[i].align == Align::left && i + 1 != cells.size()) out += fill;
    }
    out += '\n';
  };
  append(titles);
  for (const Line& line : lines_) {
    if (line.is_remark)
      out += "    " + line.cells.front() + "\n";
    else
      append(line.cells);
  }
  return out;
}

}  // namespace kprobed::kprobectl
