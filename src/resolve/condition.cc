// SPDX-License-Identifier: Apache-2.0
#include "resolve/condition.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "resolve/condition_field.h"
#include "resolve/listing.h"

namespace kprobed::resolve {

namespace {

using probespec::Comparison;
using probespec::Condition;
using Op = Comparison::Op;

/// PERF_EVENT_IOC_SET_FILTER copies a page at most, with its NUL (kernel/events/core.c).
constexpr std::size_t kMaxFilterBytes = 4095;

constexpr std::size_t kShownEnumerators = 8;

bool is_order(Op op) {
  return op == Op::less || op == Op::at_most || op == Op::greater || op == Op::at_least;
}

Error wrong_place(const Span& span, std::string message) {
  return Error(ErrorCode::wrong_place, std::move(message)).at(span);
}

/// The kernel takes no escapes inside quotes; either kind will do (parse_pred).
Result<std::string> quote(const Comparison& comparison, const std::string& text) {
  const char mark = text.find('"') == std::string::npos ? '"' : '\'';
  if (text.find(mark) != std::string::npos) {
    return wrong_place(comparison.value_span,
                       "the kernel's filter cannot hold a text with both kinds of quotes")
        .with_hint("write '~' and a '?' in the place of one of them");
  }
  return format("{}{}{}", mark, text, mark);
}

/// Text in quotes has neither order nor bits: the grammar says so.
Result<std::string> compare_text(const Comparison& comparison, const FilterField& field) {
  const std::string* text = std::get_if<std::string>(&comparison.value);
  if (text == nullptr) {
    return wrong_place(comparison.value_span,
                       format("'{}' is text, and this is a number", comparison.field))
        .with_hint("write the text in quotes");
  }
  if (!comparison.quoted) {
    return wrong_place(
               comparison.value_span,
               format("'{}' is text, and is compared with text in quotes", comparison.field))
        .with_hint(format("write \"{}\"", *text));
  }
  KPROBED_TRY(const std::string quoted, quote(comparison, *text));
  return format("{} {} {}", field.kernel_name, word(comparison.op), quoted);
}

std::uint64_t low_bits(unsigned bytes) {
  return bytes >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * bytes)) - 1;
}

/// A number as the user wrote it: magnitude and sign.
struct Number {
  std::uint64_t magnitude = 0;
  bool negative = false;
};

Result<Number> enumerator_value(const Comparison& comparison, const FilterField& field,
                                const std::string& name) {
  const std::vector<decode::Enumerator>& all = *field.enumerators;
  const auto found = std::ranges::find(all, name, &decode::Enumerator::name);
  if (found != all.end()) {
    const auto bits = static_cast<std::uint64_t>(found->value);
    const bool negative = field.is_signed && found->value < 0;
    return Number{negative ? std::uint64_t{0} - bits : bits & low_bits(field.bytes), negative};
  }
  std::vector<std::string> names;
  for (const decode::Enumerator& one : all) names.push_back(one.name);
  const auto near = std::ranges::find_if(
      names, [&name](const std::string& known) { return edit_distance(name, known, 2) <= 2; });
  Error error(ErrorCode::not_found, format("'{}' has no value '{}'", comparison.field, name));
  error.hint = near == names.end()
                   ? format("it has {}", first_names(names, kShownEnumerators, names.size()))
                   : format("did you mean '{}'?", *near);
  return std::move(error).at(comparison.value_span);
}

/// What a text stands for where a number is compared.
Result<Number> number_for_text(const Comparison& comparison, const FilterField& field,
                               const std::string& text) {
  if (field.enumerators) return enumerator_value(comparison, field, text);
  if (field.is_boolean) {
    if (text == "true" || text == "false") return Number{text == "true" ? 1u : 0u, false};
    return wrong_place(comparison.value_span, format("'{}' is true or false", comparison.field));
  }
  if (field.is_character && text.size() == 1) {
    return Number{static_cast<unsigned char>(text.front()), false};
  }
  if (!comparison.quoted) {
    return wrong_place(comparison.value_span,
                       format("'{}' is a number, and '{}' is none", comparison.field, text))
        .with_hint(
            "macros of the kernel are not known and fields cannot be compared with each "
            "other: write the number");
  }
  return wrong_place(comparison.value_span,
                     format("'{}' is a number, and this is text", comparison.field))
      .with_hint("record it as 'string' or 'ustring' if it points to text");
}

Result<Number> number_of(const Comparison& comparison, const FilterField& field) {
  if (const auto* text = std::get_if<std::string>(&comparison.value)) {
    return number_for_text(comparison, field, *text);
  }
  if (const auto* negative = std::get_if<std::int64_t>(&comparison.value)) {
    const auto bits = static_cast<std::uint64_t>(*negative);
    return *negative < 0 ? Number{std::uint64_t{0} - bits, true} : Number{bits, false};
  }
  return Number{std::get<std::uint64_t>(comparison.value), false};
}

Error out_of_range(const Comparison& comparison, const FilterField& field) {
  const std::uint64_t all = low_bits(field.bytes);
  const std::string range = field.is_boolean ? std::string("0 or 1")
                            : field.is_signed
                                ? format("-{} to {}", all / 2 + 1, all / 2)
                                : format("0 to {}", field.in_hex ? hex(all) : std::to_string(all));
  return Error(ErrorCode::bad_number, format("'{}' has {} byte{}: {}", comparison.field,
                                             field.bytes, field.bytes == 1 ? "" : "s", range))
      .at(comparison.value_span);
}

/// The number as the kernel reads it for this field (kstrtoll or kstrtoull in parse_pred): a sign
/// only where the field has one.
Result<std::string> kernel_number(const Comparison& comparison, const FilterField& field,
                                  const Number& number) {
  const std::uint64_t all = low_bits(field.bytes);
  const std::uint64_t half = all / 2;  // the largest signed number
  if (number.negative && number.magnitude > half + 1) return out_of_range(comparison, field);
  if (number.negative && !field.is_signed) {
    if (is_order(comparison.op)) {
      return Error(ErrorCode::bad_number,
                   format("'{}' is compared without sign, so nothing is below zero",
                          comparison.field))
          .with_hint(
              format("record it as a signed number: {}:s{}", comparison.field, 8 * field.bytes))
          .at(comparison.value_span);
    }
    return hex((std::uint64_t{0} - number.magnitude) & all);
  }
  const std::uint64_t most = field.is_boolean ? 1 : field.is_signed ? half : all;
  if (!number.negative && number.magnitude > most) return out_of_range(comparison, field);
  if (field.in_hex) return hex(number.magnitude);
  return format("{}{}", number.negative ? "-" : "", number.magnitude);
}

/// `rv < 0` and `rv >= 0` where the kernel sees no sign: most probably meant otherwise.
std::optional<Remark> unsigned_remark(const Comparison& comparison, const FilterField& field,
                                      const Number& number) {
  if (field.is_signed || field.is_boolean || number.magnitude != 0) return std::nullopt;
  const bool always = comparison.op == Op::at_least, never = comparison.op == Op::less;
  if (!always && !never) return std::nullopt;
  return Remark{"unsigned",
                format("'{}' is compared without sign: this is {} true", comparison.field,
                       always ? "always" : "never"),
                format("record it as a signed number: {}:s{}", comparison.field, 8 * field.bytes),
                comparison.field_span};
}

Result<std::string> compare_number(const Comparison& comparison, const FilterField& field,
                                   std::vector<Remark>& remarks) {
  if (comparison.op == Op::like || (comparison.op == Op::bits && !field.has_bits)) {
    return wrong_place(comparison.op_span, format("'{}' is a number, which is not compared with {}",
                                                  comparison.field, word(comparison.op)));
  }
  KPROBED_TRY(const Number number, number_of(comparison, field));
  const bool sign_matters = number.negative || (number.magnitude == 0 && is_order(comparison.op));
  if (field.narrow && sign_matters) {
    return wrong_place(comparison.field_span,
                       format("'{}' lies in a wider field, whose other bytes are what the caller "
                              "left there: the kernel cannot tell if it is negative",
                              comparison.field))
        .with_hint("probe the system call by its name, 'p openat dfd if dfd < 0'");
  }
  KPROBED_TRY(const std::string value, kernel_number(comparison, field, number));
  if (auto remark = unsigned_remark(comparison, field, number)) {
    remarks.push_back(std::move(*remark));
  }
  const bool same = comparison.op == Op::equal;
  if (field.is_boolean && number.magnitude == 1 && (same || comparison.op == Op::unequal)) {
    // Shown as true is what is not 0.
    return format("{} {} 0", field.kernel_name, same ? "!=" : "==");
  }
  return format("{} {} {}", field.kernel_name, word(comparison.op), value);
}

class Translator {
 public:
  Translator(const probespec::ProbeSpec& spec, const std::vector<ResolvedArg>& args,
             const KernelView& kernel, std::vector<Remark>& remarks)
      : spec_(spec), args_(args), kernel_(kernel), remarks_(remarks) {}

  /// Parentheses around everything: no kernel's precedence matters then. The parser bounds the
  /// depth.
  Result<std::string> translate(const Condition& condition) {
    switch (condition.kind) {
      case Condition::Kind::compare:
        return compare(condition.comparison);
      case Condition::Kind::negate: {
        KPROBED_TRY(const std::string inner, translate(condition.parts.front()));
        return format("!({})", inner);
      }
      case Condition::Kind::all:
        return joined(condition, " && ");
      case Condition::Kind::any:
        return joined(condition, " || ");
    }
    return Error(ErrorCode::internal, "a condition of no kind");
  }

 private:
  Result<std::string> compare(const Comparison& comparison) {
    KPROBED_TRY(const FilterField field, find_filter_field(comparison, spec_, args_, kernel_));
    return field.kind == FilterField::Kind::text ? compare_text(comparison, field)
                                                 : compare_number(comparison, field, remarks_);
  }

  Result<std::string> joined(const Condition& condition, std::string_view operation) {
    std::string text;
    for (const Condition& part : condition.parts) {
      KPROBED_TRY(const std::string inner, translate(part));
      if (!text.empty()) text += operation;
      text += format("({})", inner);
    }
    return text;
  }

  const probespec::ProbeSpec& spec_;
  const std::vector<ResolvedArg>& args_;
  const KernelView& kernel_;
  std::vector<Remark>& remarks_;
};

}  // namespace

Result<std::string> translate_condition(const Condition& condition,
                                        const probespec::ProbeSpec& spec,
                                        const std::vector<ResolvedArg>& args,
                                        const KernelView& kernel, std::vector<Remark>& remarks) {
  KPROBED_TRY(std::string filter, Translator(spec, args, kernel, remarks).translate(condition));
  if (filter.size() > kMaxFilterBytes) {
    return Error(ErrorCode::too_long,
                 format("for the kernel this condition has {} bytes; it takes {}",
                        with_thousands(filter.size()), with_thousands(kMaxFilterBytes)))
        .at(condition.span);
  }
  return filter;
}

}  // namespace kprobed::resolve
