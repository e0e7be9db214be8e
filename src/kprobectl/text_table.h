// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kprobed::kprobectl {

/// Rows under column heads, each column as wide as its widest cell; what is in the cells reaches a
/// terminal only as text.
class TextTable {
 public:
  enum class Align : std::uint8_t { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// One cell for each column.
  void row(const std::vector<std::string>& cells);
  /// A line that stands below the row before it, indented, over all columns.
  void remark(std::string_view text);

  std::string text() const;

 private:
  struct Line {
    std::vector<std::string> cells;  ///< a single one for a remark
    bool is_remark = false;
  };
  std::vector<Column> columns_;
  std::vector<Line> lines_;
};

}  // namespace kprobed::kprobectl
