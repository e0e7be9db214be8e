// SPDX-License-Identifier: Apache-2.0
#include "stream/event_place.h"

#include <algorithm>

#include "stream/append.h"
#include "stream/kernel_words.h"

namespace kprobed::stream {
namespace {

/// The member whose code holds the address; null if none does.
const MemberLabel* find_member(const std::vector<MemberLabel>& members, std::uint64_t address) {
  const auto after = std::ranges::upper_bound(members, address, {}, &MemberLabel::begin);
  if (after == members.begin()) return nullptr;
  const MemberLabel& member = *std::prev(after);
  return address < member.end ? &member : nullptr;
}

}  // namespace

bool is_return(const Event& event) {
  // An fprobe's kind is 'f' both ways.
  return event.plan->label.kind == 'r' || event.plan->fields.ret_ip.has_value();
}

bool is_in_program(const Event& event) { return !event.plan->label.path.empty(); }

bool names_addresses(const EventPlan& plan) {
  Event any;
  any.plan = &plan;
  if (is_in_program(any)) return false;
  return is_return(any) || std::ranges::any_of(plan.fields.ops, [](const decode::FieldOp& field) {
           return field.shape.show == decode::Show::symbol;
         });
}

bool has_offset(const ProbeLabel& label) { return label.kind != 't'; }

EventPlace place_of(const Event& event) {
  const EventPlan& plan = *event.plan;
  if (plan.members.empty()) return {plan.label.symbol, plan.label.offset};
  const std::optional<std::uint64_t> address = probed_address(event);
  const MemberLabel* member = address ? find_member(plan.members, *address) : nullptr;
  // Members are probed at their entry. The address may be some bytes behind it: past an ENDBR, say
  // (arch_adjust_kprobe_addr()).
  return {member != nullptr ? std::string_view(member->symbol) : std::string_view(), 0};
}

AddressNames::Place name_address(const Event& event, std::uint64_t address,
                                 const AddressNames& names) {
  return is_in_program(event) ? AddressNames::Place{} : names.place_of(address);
}

AddressNames::Place caller_of(const Event& event, const AddressNames& names) {
  const std::optional<std::uint64_t> address = return_address(event);
  return address ? name_address(event, *address, names) : AddressNames::Place{};
}

void append_symbolic(const AddressNames::Place& place, std::uint64_t address,
                     void (*append)(std::string_view, std::string&), std::string& out) {
  if (place.symbol.empty()) return append_hex(address, out);
  append(place.symbol, out);
  out += '+';
  append_hex(place.offset, out);
  if (place.size != 0) {
    out += '/';
    append_hex(place.size, out);
  }
  if (place.module.empty()) return;
  out += " [";
  append(place.module, out);
  out += ']';
}

}  // namespace kprobed::stream
