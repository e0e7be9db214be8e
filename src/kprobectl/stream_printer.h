// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "kprobectl/printer.h"

namespace kprobed::kprobectl {

/// Turns the daemon's lines into what is shown; one class per form.
class StreamPrinter {
 public:
  virtual ~StreamPrinter() = default;

  /// `about_stream`, JSON only: also hello and schema lines.
  static std::unique_ptr<StreamPrinter> make(OutputForm form, bool about_stream);

  /// Before everything else: the hello line, or column heads.
  virtual void begin(std::string_view hello_line, std::string& out) = 0;
  /// `line` as it came, of the type that wire::peek_type() found. An error means that it cannot be
  /// understood; then nothing was appended.
  virtual Result<void> line(std::string_view type, std::string_view line, std::string& out) = 0;
};

}  // namespace kprobed::kprobectl
