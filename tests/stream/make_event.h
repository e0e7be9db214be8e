// SPDX-License-Identifier: Apache-2.0
//
// Plans and raw data by hand, as events/GRP/EV/format would lay them out.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "make_record.h"
#include "stream/event_plan.h"

namespace kprobed::stream::test {

using decode::Show;

/// A kallsyms of a few functions, each 0x100 bytes long: "vfs_read", "dummy_xmit [dummy]".
class FewNames final : public AddressNames {
 public:
  explicit FewNames(std::map<std::uint64_t, std::string> functions)
      : functions_(std::move(functions)) {}
  Place place_of(std::uint64_t address) const override {
    auto after = functions_.upper_bound(address);
    if (after == functions_.begin()) return {};
    const auto& [begin, line] = *--after;
    if (address - begin >= 0x100) return {};
    const std::string_view name(line);
    const std::size_t module = name.find(" [");
    if (module == name.npos) return {name, address - begin, 0x100, {}};
    return {name.substr(0, module), address - begin, 0x100,
            name.substr(module + 2, name.size() - module - 3)};
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
  bool stray = false;  ///< points behind the record
  /// An array: what each record holds of them; name, show and bytes are the array's.
  std::vector<Arg> elements{};
  bool dynamic = false;          ///< an array behind a __data_loc
  std::uint32_t text_bytes = 0;  ///< text that lies in the record itself
  bool is_signed = false;
  std::vector<decode::Enumerator> enumerators{};
};

inline Arg numbers(std::string name, Show show, std::uint8_t bytes,
                   const std::vector<std::uint64_t>& values) {
  Arg array{.name = std::move(name), .show = show, .bytes = bytes};
  for (const std::uint64_t value : values) array.elements.push_back({.name = "", .number = value});
  return array;
}
inline Arg dynamic_numbers(std::string name, Show show, std::uint8_t bytes,
                           const std::vector<std::uint64_t>& values) {
  Arg array = numbers(std::move(name), show, bytes, values);
  array.dynamic = true;
  return array;
}
inline Arg texts(std::string name, std::vector<Arg> elements) {
  return {.name = std::move(name), .show = Show::text, .elements = std::move(elements)};
}
inline Arg text_in_place(std::string name, std::uint32_t bytes, std::string text) {
  return {
      .name = std::move(name), .show = Show::text, .text = std::move(text), .text_bytes = bytes};
}
inline Arg enumeration(std::string name, std::uint8_t bytes, std::uint64_t number, bool is_signed,
                       std::vector<decode::Enumerator> enumerators) {
  return {.name = std::move(name),
          .show = Show::enumeration,
          .bytes = bytes,
          .number = number,
          .is_signed = is_signed,
          .enumerators = std::move(enumerators)};
}

inline decode::ValueShape shape_of(const Arg& arg) {
  decode::ValueShape shape{.show = arg.show,
                           .text_bytes = arg.text_bytes,
                           .is_signed = arg.is_signed,
                           .dynamic = arg.dynamic};
  if (!arg.dynamic) shape.count = static_cast<std::uint32_t>(arg.elements.size());
  if (!arg.enumerators.empty())
    shape.enumerators = std::make_shared<const std::vector<decode::Enumerator>>(arg.enumerators);
  return shape;
}

/// A plan with one record of it. Layout: common header, the kernel's words, the arguments, what
/// __data_loc words point at.
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

    std::size_t tail_at = here();
    for (const Arg& arg : args) tail_at += fixed_bytes(arg);
    Maker tail(order);
    for (const Arg& arg : args) {
      const bool word = arg.show == Show::text && arg.text_bytes == 0;
      plan.fields.ops.push_back(
          {arg.name, shape_of(arg), word ? std::uint8_t{4} : arg.bytes, here()});
      if (arg.dynamic)
        put_dynamic(arg, tail_at, fixed, tail);
      else if (arg.elements.empty())
        put(arg, arg, tail_at, fixed, tail);
      for (const Arg& element : arg.elements)
        put(arg, element, tail_at, arg.dynamic ? tail : fixed, tail);
    }
    plan.fields.min_bytes = here();
    raw = fixed.bytes(tail.made()).made();
    event.plan = &plan;
    event.raw = raw;
  }
  OneEvent(const OneEvent&) = delete;
  OneEvent& operator=(const OneEvent&) = delete;

 private:
  static std::size_t fixed_bytes(const Arg& arg) {
    if (arg.dynamic) return 4;
    const std::size_t one = arg.text_bytes != 0      ? arg.text_bytes
                            : arg.show == Show::text ? 4
                                                     : arg.bytes;
    return one * std::max<std::size_t>(arg.elements.size(), 1);
  }

  static void put_dynamic(const Arg& arg, std::size_t tail_at, Maker& fixed, const Maker& tail) {
    fixed.u32(data_loc(tail_at + tail.made().size() + (arg.stray ? 0x1000 : 0),
                       arg.elements.size() * arg.bytes));
  }

  /// One value of `arg`; what a __data_loc word points at goes to the tail.
  static void put(const Arg& arg, const Arg& value, std::size_t tail_at, Maker& out, Maker& tail) {
    if (arg.show != Show::text) {
      out.number(value.number, arg.bytes);
    } else if (arg.text_bytes != 0) {
      const std::string_view text = std::string_view(value.text).substr(0, arg.text_bytes);
      out.text(text);
      for (std::size_t i = text.size(); i < arg.text_bytes; ++i) out.number(0, 1);
    } else if (value.fault) {
      out.u32(data_loc(tail_at + tail.made().size(), 0));
    } else {
      out.u32(data_loc(tail_at + tail.made().size() + (value.stray ? 0x1000 : 0),
                       value.text.size() + 1));
      tail.text(value.text).number(0, 1);
    }
  }
};

}  // namespace kprobed::stream::test
