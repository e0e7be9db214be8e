// SPDX-License-Identifier: Apache-2.0
#include "engine/probe_names.h"

#include "base/format.h"
#include "base/text.h"

namespace kprobed::engine {

std::string default_probe_name(const probespec::ProbeSpec& spec) {
  if (!spec.event.empty()) return spec.group.empty() ? spec.event : spec.group + "/" + spec.event;
  const probespec::ProbePoint& point = spec.point;
  std::string name = point.address ? hex(*point.address) : point.symbol;
  if (!point.path.empty() && point.symbol.empty()) {
    name = point.path.substr(point.path.rfind('/') + 1) + ":" + name;
  }
  if (point.offset > 0) name += "+" + hex(static_cast<std::uint64_t>(point.offset));
  if (point.offset < 0) name += "-" + hex(0 - static_cast<std::uint64_t>(point.offset));
  if (spec.kind == probespec::ProbeKind::on_return) name += "_ret";
  return name;
}

std::string unique_probe_name(const std::string& wanted, std::set<std::string>& taken) {
  std::string name = wanted;
  for (unsigned n = 2; !taken.insert(name).second; ++n) name = format("{}_{}", wanted, n);
  return name;
}

}  // namespace kprobed::engine
