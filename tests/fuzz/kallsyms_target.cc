// SPDX-License-Identifier: Apache-2.0
//
// The kernel's lists of addresses, whatever they hold: answers agree with each other.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.h"
#include "require.h"
#include "symbols/kallsyms.h"
#include "symbols/kernel_lists.h"

namespace {

using kprobed::fuzz::require;

using kprobed::symbols::Kallsyms;
using kprobed::symbols::TextNames;

void check_address(const Kallsyms& kallsyms, std::uint64_t address) {
  const auto symbol = kallsyms.text_symbol_at(address);
  const TextNames::Place place = kallsyms.text_names()->place_of(address);
  const std::uint64_t end = kallsyms.end_of(address);
  require(symbol.has_value() == kallsyms.in_text(address), "in text is what a symbol holds");
  require(place.symbol.empty() == (end == 0), "a named place has an end");
  require(end == 0 || (address < end && place.offset < place.size), "a place is inside its symbol");
  if (!symbol) return;
  require(symbol->is_text() && symbol->address <= address, "a holder is text, and not behind");
  require(place.symbol == symbol->name && place.module == symbol->module, "the names agree");
  bool found = false;
  for (const auto& other : kallsyms.find(symbol->name, symbol->module)) found |= other == *symbol;
  require(found, "a holder is found by its name");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Kallsyms kallsyms = Kallsyms::parse(text);
  for (const auto& symbol : kallsyms.matching("*", "")) {
    for (const std::uint64_t near : {0u, 1u, 0x1000u}) {
      check_address(kallsyms, symbol.address + near);
      check_address(kallsyms, symbol.address - near);
    }
  }
  if (size < 4096) {
    kallsyms.similar(text.substr(0, 40), 3);
    kallsyms.matching(std::string(text.substr(0, 40)), "");
  }
  const auto blacklist = kprobed::symbols::Blacklist::parse(text);
  require(!blacklist || !blacklist->contains(0), "0 is nowhere");
  kprobed::symbols::parse_probe_list(text);
  const kprobed::symbols::TraceableList list{std::string(text)};
  require(!list.contains(""), "nothing has no name");
  return 0;
}
