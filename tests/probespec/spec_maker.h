// SPDX-License-Identifier: Apache-2.0
//
// Makes specs that keep the rules of docs/spec.md, the longest and oddest of them included.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "probespec/spec.h"

namespace kprobed::probespec {

class SpecMaker {
 public:
  explicit SpecMaker(unsigned seed) : random_(seed) {}

  ProbeSpec spec();

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

  /// Of any magnitude up to `max`, the small ones and `max` itself not too rare.
  std::uint64_t number(std::uint64_t max);
  std::int64_t offset(std::uint64_t max);
  unsigned index() { return static_cast<unsigned>(number(UINT32_MAX)); }

  std::string text(std::string_view first, std::string_view then, std::size_t length);
  std::string symbol(std::size_t longest);
  /// A name that no word of 2009 or of the kernel's begins like.
  std::string name(std::size_t longest) {
    return text("NnfQ_", "abcxyzXYZ_019", 1 + below(longest));
  }
  std::string pattern();

  void head(ProbeSpec& spec);
  void kernel_point(ProbeSpec& spec);
  void program_point(ProbePoint& point, ProbeKind kind);
  void event_point(ProbeSpec& spec);

  FetchBase base(const ProbeSpec& spec);
  std::vector<FieldStep> fields();
  std::vector<Deref> derefs();
  FetchExpr expression(const ProbeSpec& spec);
  /// One that suits; nullopt often, and where none does.
  std::optional<FetchType> type(const ProbeSpec& spec, const FetchExpr& expr);
  FetchType any_type(const ProbeSpec& spec);
  FetchArg arg(const ProbeSpec& spec, std::size_t i);

  Condition condition(std::size_t depth);
  Comparison comparison();

  std::mt19937_64 random_;
};

}  // namespace kprobed::probespec
