// SPDX-License-Identifier: Apache-2.0
#include "resolve/absent_place.h"

#include <utility>

#include "base/format.h"
#include "resolve/drift.h"
#include "resolve/listing.h"
#include "resolve/symbol_choice.h"
#include "resolve/variants.h"

namespace kprobed::resolve {

namespace {

using probespec::ProbePoint;

constexpr std::size_t kShownCandidates = 4;

const Span& symbol_span(const ProbePoint& point) {
  return point.symbol_span.known() ? point.symbol_span : point.span;
}

Error no_such_function(const ProbePoint& point, const ModuleFunction& file) {
  Error error(ErrorCode::symbol_not_found,
              format("no function '{}' in the file of module '{}'", point.symbol, point.module));
  error.hint = file.similar.empty()
                   ? std::string("kprobectl add --pending waits for a build that has it")
                   : format("did you mean {}?", join(quoted(file.similar), " or "));
  return error.at(symbol_span(point));
}

Error several_functions(const ProbePoint& point, std::size_t count) {
  return Error(ErrorCode::symbol_not_unique, format("{} functions of module '{}' are named '{}'",
                                                    count, point.module, point.symbol))
      .with_hint("load the module first: then each can be named by what stands before it")
      .at(symbol_span(point));
}

/// What there is to say of one that is armed unseen; an error if it will surely not be there.
Result<std::string> look_into_file(const ProbePoint& point, const KernelView& kernel,
                                   const ResolveOptions& options) {
  const bool wait = options.await_symbols || options.trust_modules;
  const auto file = kernel.function_in_file(point.module, point.symbol);
  if (!file.ok()) {
    // A module that is built and loaded by hand has no file there: naming it is wish enough.
    return format("the probe waits for it, and whether it has '{}' is not known before: {}",
                  point.symbol, file.error().message);
  }
  if (file->count > 1 && !wait) return several_functions(point, file->count);
  if (file->count == 0 && !wait) return no_such_function(point, *file);
  if (file->count == 0) {
    return format("the probe waits for it, or for a build that has '{}': its file has none now",
                  point.symbol);
  }
  return std::string("the probe waits for it, and is set before its init function runs");
}

}  // namespace

Place place_as_written(const ProbePoint& point) {
  Place place;
  place.module = point.module;
  place.symbol = point.symbol;
  place.offset = static_cast<std::uint64_t>(point.offset);
  place.at_entry = place.offset == 0;
  place.kernel_point = kernel_place(Symbol{point.symbol, point.module, 0, 't'}, place.offset);
  return place;
}

Result<Place> in_absent_module(const ProbePoint& point, const KernelView& kernel,
                               const ResolveOptions& options) {
  if (point.offset < 0) {
    return Error(ErrorCode::bad_address,
                 format("{}:{}{:+} cannot be found before module '{}' is "
                        "loaded",
                        point.module, point.symbol, point.offset, point.module))
        .with_hint("write it as an offset after an earlier symbol: MOD:SYMBOL+offset")
        .at(point.offset_span.known() ? point.offset_span : point.span);
  }
  KPROBED_TRY(const std::string what, look_into_file(point, kernel, options));
  Place place = place_as_written(point);
  place.deferred = true;
  Remark remark{"module_not_loaded", format("module '{}' is not loaded: {}", point.module, what),
                "", point.span};
  if (!kernel.find(point.symbol, "").empty()) {
    remark.hint = format("'{}' exists now, but not in that module: leave out '{}:' to probe it",
                         point.symbol, point.module);
  }
  place.remarks.push_back(std::move(remark));
  return place;
}

Result<Place> in_module_files(const ProbePoint& point, const KernelView& kernel, Error not_found) {
  // Where it is known what has become of the function, thousands of files cannot say more.
  const bool known =
      find_drift(point.symbol, kernel) != nullptr || !variants_of(point.symbol, "", kernel).empty();
  if (known || point.offset < 0) return not_found;
  const auto search = kernel.modules_with(point.symbol);
  if (!search.ok()) {
    if (search.error().code == ErrorCode::busy) return search.error();
    return not_found;
  }
  if (search->modules.empty()) {
    const bool near = not_found.hint.ends_with('?');  // "did you mean 'vfs_read'?"
    if (!near) {
      not_found.hint = "it may be inlined everywhere; no module that is not loaded has it, either";
    }
    if (search->unread != 0) {
      not_found.hint += format("{} {} files of modules could not be read: {};", near ? "" : ",",
                               search->unread, search->why);
    }
    not_found.hint += format("{} kprobectl add --pending waits for it", near ? "" : ";");
    return not_found;
  }
  if (search->modules.size() > 1) {
    std::vector<std::string> choices;
    for (const std::string& module : search->modules) {
      choices.push_back(format("{}:{}", module, point.symbol));
    }
    return Error(ErrorCode::symbol_not_unique,
                 format("nothing that is loaded has '{}', and {} modules that are not loaded have: "
                        "{}",
                        point.symbol, search->modules.size(),
                        first_names(search->modules, kShownCandidates, search->modules.size())))
        .with_hint(format("write the one you mean, as {}", choices.front()))
        .at(symbol_span(point));
  }
  ProbePoint there = point;
  there.module = search->modules.front();
  KPROBED_TRY(Place place, in_absent_module(there, kernel, {}));
  place.remarks.back() = {
      "module_not_loaded",
      format("'{}' was found in module '{}', which is not loaded: the probe waits for it",
             point.symbol, there.module),
      "", symbol_span(point)};
  return place;
}

}  // namespace kprobed::resolve
