// SPDX-License-Identifier: Apache-2.0
//
// Plans and raw data by hand, as events/GRP/EV/format would lay them out.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "make_record.h"
#include "stream/event_plan.h"

namespace kprobed::stream::test {

using decode::Show;

/// A kallsyms of a few functions, each 0x100 bytes long.
class FewNames final : public AddressNames {
 public:
  explicit FewNames(std::map<std::uint64_t, std::string> functions)
      : functions_(std::move(functions)) {}
  Place place_of(std::uint64_t address) const override {
    auto after = functions_.upper_bound(address);
    if (after == functions_.begin()) return {};
    const auto& [begin, name] = *--after;
    if (address - begin >= 0x100) return {};
    return {name, address - begin};
  }

 private:
  std::map<std::uint64_t, std::string> functions_;
};

/// One argument: how it is declared, and what one record holds.
struct Arg {
  std::string name;
  Show show = Show::hex;
  std::uint8_t bytes = 8;
  std::uint64_t number = 0;
  std::string text{};  ///< Show::text: without the NUL
  bool fault = false;  ///< Show::text: the kernel could not read it
  bool stray = false;  ///< Show::text: points behind the record
};

/// A plan with one record of it. Layout: common header, the kernel's words, the arguments, texts.
struct OneEvent {
  EventPlan plan;
  std::vector<std::byte> raw;
  Event event;

  OneEvent(ProbeLabel label, const std::vector<Arg>& args, std::uint64_t ip,
           std::uint64_t ret_ip = 0, ByteOrder order = kHostOrder, std::uint8_t word_bytes = 8) {
    plan.label = std::move(label);
    plan.fields.order = order;
    plan.fields.word_bytes = word_bytes;
    Maker fixed(order);
    fixed.u16(1200).number(1, 1).number(0, 1).u32(77);  // common_type, flags, preempt, pid
    const auto here = [&] { return static_cast<std::uint32_t>(fixed.made().size()); };
    const bool on_return = plan.label.kind == 'r';
    (on_return ? plan.fields.func : plan.fields.ip) = here();
    fixed.number(ip, word_bytes);
    if (on_return) {
      plan.fields.ret_ip = here();
      fixed.number(ret_ip, word_bytes);
    }

    std::size_t texts_at = here();
    for (const Arg& arg : args) texts_at += arg.show == Show::text ? 4 : arg.bytes;
    Maker texts(order);
    for (const Arg& arg : args) {
      const std::uint8_t bytes = arg.show == Show::text ? 4 : arg.bytes;
      plan.fields.ops.push_back({arg.name, arg.show, bytes, here()});
      if (arg.show != Show::text) {
        fixed.number(arg.number, bytes);
      } else if (arg.fault) {
        fixed.u32(data_loc(texts_at + texts.made().size(), 0));
      } else {
        fixed.u32(data_loc(texts_at + texts.made().size() + (arg.stray ? 0x1000 : 0),
                           arg.text.size() + 1));
        texts.text(arg.text).number(0, 1);
      }
    }
    plan.fields.min_bytes = here();
    raw = fixed.bytes(texts.made()).made();
    event.plan = &plan;
    event.raw = raw;
  }
  OneEvent(const OneEvent&) = delete;
  OneEvent& operator=(const OneEvent&) = delete;
};

}  // namespace kprobed::stream::test
