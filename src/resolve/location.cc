// SPDX-License-Identifier: Apache-2.0
#include "resolve/location.h"

#include <utility>

#include "base/format.h"

namespace kprobed::resolve {

void Location::load() {
  if (!in_memory) return;
  in_memory = false;
  if (std::exchange(at_sign, false)) {
    ++reads;
  } else {
    // A register kept in pt_regs is the kernel's own memory, whatever it points to.
    read({.offset = offset, .user = user && !word_slot, .span = {}});
  }
  offset = 0;
  word_slot = false;
}

void Location::read(probespec::Deref deref) {
  derefs.push_back(std::move(deref));
  ++reads;
}

void Location::follow(std::int64_t displacement) {
  load();
  in_memory = true;
  offset = displacement;
}

std::string Location::text() const {
  std::string text = base;
  for (const probespec::Deref& deref : derefs) {
    text = format("{}({})", resolve::text(deref), text);
  }
  return text;
}

std::string text(const probespec::Deref& deref) {
  // The sign comes before the 'u'.
  std::string text = format("{:+}", deref.offset);
  if (deref.user) text.insert(1, 1, 'u');
  return text;
}

}  // namespace kprobed::resolve
