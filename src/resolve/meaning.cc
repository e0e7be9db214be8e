// SPDX-License-Identifier: Apache-2.0
#include "resolve/meaning.h"

#include <variant>

#include "base/format.h"
#include "base/text.h"
#include "resolve/dentry_names.h"

namespace kprobed::resolve {

namespace {

using probespec::FetchArg;
using probespec::FetchBase;

std::string plus_offset(std::string_view text, std::int64_t offset) {
  return offset == 0 ? std::string(text) : format("{}{:+}", text, offset);
}

/// "text", "memory", "text of at most 64 bytes"
std::string noun(const Reading& reading) {
  if (reading.shape.show != decode::Show::text) return "memory";
  return reading.shape.text_bytes == 0
             ? "text"
             : format("text of at most {} bytes", reading.shape.text_bytes);
}

bool is_user(const Fetched& fetched) {
  const auto& derefs = fetched.arg.expr.derefs;
  return fetched.reading.element == "ustring" || (!derefs.empty() && derefs.back().user);
}

/// The place that the written dereferences lead to: "[argument 1+16]+8".
std::string location(const Fetched& fetched) {
  std::string location = fetched.base.what;
  const auto& derefs = fetched.arg.expr.derefs;
  for (std::size_t i = 0; i + 1 < derefs.size(); ++i) {
    location = format("[{}]", plus_offset(location, derefs[i].offset));
  }
  return derefs.empty() ? location : plus_offset(location, derefs.back().offset);
}

}  // namespace

std::string meaning_of(const Fetched& fetched) {
  const bool derefs = !fetched.arg.expr.derefs.empty();
  const BaseFetch& base = fetched.base;
  if (is_dentry_type(fetched.arg)) {
    const std::string where =
        derefs ? format("memory at {}", location(fetched)) : base.what + base.where;
    return format("name of the struct {} at {}",
                  fetched.arg.type->base == probespec::BaseType::file_name ? "file" : "dentry",
                  where);
  }
  if (derefs || fetched.follows) {
    const std::string where = fetched.typed && !derefs ? base.where : std::string();
    return format("{} at {}{}{}", noun(fetched.reading), location(fetched), where,
                  is_user(fetched) ? ", in user memory" : "");
  }
  const bool text_in_place = fetched.reading.from_memory() &&
                             fetched.reading.shape.show == decode::Show::text && !fetched.typed &&
                             base.at.at_sign;
  if (text_in_place) return format("text in {}", base.what);
  return base.what + base.where;
}

std::string word_2009(const FetchBase& base) {
  if (const auto* memory = std::get_if<probespec::Memory>(&base)) {
    // As a parameter's name has it: m0, not m0x0.
    return memory->spelling_2009 ? format("m{}", memory->address) : std::string();
  }
  std::string word = word_text(base);
  return is_identifier(word) && !std::holds_alternative<probespec::Named>(base) ? word
                                                                                : std::string();
}

std::string word_text(const FetchBase& base) {
  probespec::FetchExpr expr;
  expr.base = base;
  return print(expr);
}

}  // namespace kprobed::resolve
