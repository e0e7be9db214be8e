// SPDX-License-Identifier: Apache-2.0
#include "resolve/kernel_view.h"

#include "base/text.h"

namespace kprobed::resolve {

KernelFeatures parse_readme(std::string_view readme) {
  // readme_msg, kernel/trace/trace.c: each word stands there exactly when it is built in, but for
  // the line about return probes, which every kernel from 6.9 has, also without $argN.
  KernelFeatures features;
  bool speaks_of_return_arguments = false;
  for (const std::string_view line : split_lines(readme)) {
    const auto has = [line](std::string_view text) {
      return line.find(text) != std::string_view::npos;
    };
    if (has("kernel return probes support:")) {
      speaks_of_return_arguments = has("$arg<N>");
      continue;
    }
    features.known |= has("fetcharg:");
    features.argument_words |= has("$arg<N>");
    features.ustring |= has("ustring");
    features.btf_arguments |= has("<argname>");
    features.group_only_names |= has("-:[<group>/][<event>]");
    features.uprobes |= has("place (uprobe):");
    features.fprobes |= trim(line).starts_with("f[:");
    features.tracepoint_probes |= trim(line).starts_with("t[:");
    // "char" alone stands also among the types of synthetic events.
    features.char_type |= has("x8/16/32/64, char,");
    features.symstr_type |= has("symstr,");
  }
  features.return_arguments = speaks_of_return_arguments && features.argument_words;
  return features;
}

}  // namespace kprobed::resolve
