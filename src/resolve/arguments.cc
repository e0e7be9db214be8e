// SPDX-License-Identifier: Apache-2.0
#include "resolve/arguments.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/format.h"
#include "probespec/parse.h"
#include "resolve/argument_names.h"
#include "resolve/c_types.h"
#include "resolve/dentry_names.h"
#include "resolve/event_fields.h"
#include "resolve/fetch_limits.h"
#include "resolve/field_path.h"
#include "resolve/meaning.h"
#include "resolve/record_size.h"
#include "resolve/signature.h"

namespace kprobed::resolve {

namespace {

using probespec::Deref;
using probespec::FetchArg;

template <typename Word>
bool is(const FetchArg& arg) {
  return std::holds_alternative<Word>(arg.expr.base);
}

/// Text that the kernel has by itself, without an address to read from.
bool is_own_text(const FetchArg& arg) {
  return is<probespec::Comm>(arg) || is<probespec::ImmediateText>(arg);
}

const Span& type_span(const FetchArg& arg) {
  return arg.type && arg.type->span.known() ? arg.type->span : arg.span;
}

const Span& word_span(const FetchArg& arg) {
  return arg.expr.base_span.known() ? arg.expr.base_span : arg.span;
}

bool needs_types(const FetchArg& arg) {
  return is<probespec::Named>(arg) || is<probespec::AllArguments>(arg) || !arg.expr.fields.empty();
}

/// An argument on its way from the word to the fetch.
struct Draft {
  const FetchArg& arg;
  BaseFetch base;
  TypedPlace place;
  bool typed = false;  ///< place.type says what it is
  Reading reading;
};

class Resolver {
 public:
  Resolver(const FetchContext& context, std::vector<Remark>& remarks)
      : context_(context),
        rules_(type_rules(context)),
        signatures_(context),
        uses_types_(std::ranges::any_of(context.spec.args, needs_types)),
        remarks_(remarks) {}

  Result<std::vector<ResolvedArg>> resolve() {
    if (context_.place.source == EventSource::existing) {
      KPROBED_TRY(auto fields, resolve_event_fields(context_, rules_));
      KPROBED_TRY_VOID(check_names_differ(fields));
      return fields;
    }
    std::vector<ResolvedArg> args;
    for (std::size_t i = 0; i < context_.spec.args.size(); ++i) {
      const FetchArg& arg = context_.spec.args[i];
      if (is<probespec::AllArguments>(arg)) {
        KPROBED_TRY_VOID(add_parameters(arg, args));
        continue;
      }
      KPROBED_TRY(ResolvedArg resolved, one(arg, i, nullptr));
      args.push_back(std::move(resolved));
    }
    KPROBED_TRY_VOID(name_for_kernel(args));
    return args;
  }

 private:
  /// $args
  Result<void> add_parameters(const FetchArg& all, std::vector<ResolvedArg>& args) {
    if (!signatures_.get().ok()) return Error(signatures_.get().error()).at(word_span(all));
    const Signature& signature = *signatures_.get();
    if (signature.parameters.empty()) {
      remarks_.push_back(
          {"cut", format("'{}' has no parameters", signature.function), "", word_span(all)});
    }
    for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
      const Parameter& parameter = signature.parameters[i];
      std::string cut;
      auto reading = parameter.word == 0
                         ? Result<Reading>(why_unplaced(parameter))
                         : reading_of(parameter.type, parameter.text, signature.user, cut);
      if (!reading.ok()) {
        remarks_.push_back({"cut",
                            format("parameter {} '{}' is left out: {}", i + 1, parameter.name,
                                   reading.error().message),
                            reading.error().hint, word_span(all)});
        continue;
      }
      FetchArg arg = all;
      if (parameter.name.empty()) {
        arg.name = format("arg{}", i + 1);
        const auto nth = static_cast<unsigned>(i) + 1;
        arg.expr.base = probespec::Argument{rules_.word_bytes < 8 ? nth : parameter.word, true};
      } else {
        arg.expr.base = probespec::Named{parameter.name, true};
      }
      KPROBED_TRY(ResolvedArg resolved, one(arg, i, &parameter));
      args.push_back(std::move(resolved));
    }
    return {};
  }

  /// `parameter`: whose type it has although the word does not say so; may be null.
  Result<ResolvedArg> one(const FetchArg& arg, std::size_t index, const Parameter* parameter) {
    KPROBED_TRY(BaseFetch base, translate_base(arg.expr, context_, signatures_, remarks_));
    if (parameter != nullptr) base.type = parameter->type;
    Draft draft{arg, std::move(base), {}, false, {}};
    draft.place.at = draft.base.at;
    if (draft.base.type) give_type(draft, *draft.base.type);

    ResolvedArg resolved;
    resolved.name = probespec::argument_name(arg, index);
    resolved.span = arg.span;
    resolved.name_span = arg.name_span;
    resolved.fetch_span = arg.expr.span;
    if (arg.type) resolved.type_span = arg.type->span;
    if (is<probespec::ReturnAddress>(arg)) return return_address(draft, std::move(resolved));

    KPROBED_TRY_VOID(walk_fields(draft));
    KPROBED_TRY_VOID(choose_reading(draft));
    const bool follows = follows_value(draft);
    KPROBED_TRY_VOID(locate(draft));
    KPROBED_TRY_VOID(check_fetch(arg, draft.place.at, draft.reading, context_.kernel.features()));
    describe(draft, follows, resolved);
    return resolved;
  }

  /// Every record of a return probe has it (struct kretprobe_trace_entry_head).
  Result<ResolvedArg> return_address(const Draft& draft, ResolvedArg resolved) {
    resolved.source = ValueSource::return_address;
    resolved.kernel_name = "__probe_ret_ip";
    resolved.meaning = draft.base.what;
    if (draft.arg.type) {
      KPROBED_TRY(const Reading reading, written_reading(*draft.arg.type, rules_));
      resolved.shape = reading.shape;
    }
    return resolved;
  }

  static void give_type(Draft& draft, CType type) {
    draft.place.type = std::move(type);
    draft.typed = true;
  }

  /// The C type of a word that has none by itself, since fields are to follow.
  Result<void> type_of_word(Draft& draft) {
    if (draft.typed) return {};
    const auto& signature = signatures_.get();
    if (!signature.ok()) return Error(signature.error()).at(word_span(draft.arg));
    if (const auto* word = std::get_if<probespec::Argument>(&draft.arg.expr.base)) {
      const Parameter* parameter = parameter_of(*signature, word->n);
      if (parameter == nullptr) {
        return Error(ErrorCode::not_found,
                     format("no parameter of {} is argument {}", text(*signature), word->n))
            .at(word_span(draft.arg));
      }
      draft.base.what += format(" ({})", parameter->type.info.c_name);
      if (parameter->by_reference) draft.place.at.follow(0);
      draft.place.at.user = signature->user;
      give_type(draft, parameter->type);
      return {};
    }
    if (is<probespec::ReturnValue>(draft.arg) && signature->returns) {
      draft.base.what += format(" ({})", signature->returns->info.c_name);
      give_type(draft, *signature->returns);
      return {};
    }
    return Error(ErrorCode::unsupported,
                 format("the type of what '{}' returns is not known", signature->function))
        .with_hint("read at an offset in bytes, as in +8(rv):u32")
        .at(word_span(draft.arg));
  }

  /// Where words have 64 bits aN counts them, else arguments (argument_layout.h).
  const Parameter* parameter_of(const Signature& signature, unsigned n) const {
    if (rules_.word_bytes >= 8) return signature.at_word(n);
    return n == 0 || n > signature.parameters.size() ? nullptr : &signature.parameters[n - 1];
  }

  Result<void> walk_fields(Draft& draft) {
    const auto& fields = draft.arg.expr.fields;
    if (fields.empty()) return {};
    KPROBED_TRY_VOID(type_of_word(draft));
    std::string name = word_text(draft.arg.expr.base);
    for (const probespec::FieldStep& step : fields) {
      KPROBED_TRY_VOID(take_step(draft.place, step, name));
      name += print(step);
    }
    draft.base.what =
        format("field '{}' ({}) of {}", name, draft.place.type.info.c_name, draft.base.what);
    return {};
  }

  /// The default for a C type.
  Result<Reading> reading_of(const CType& type, bool is_text, bool user, std::string& cut) const {
    const bool has_ustring = !rules_.features.known || rules_.features.ustring;
    if (is_text) return text_reading(user && has_ustring);
    // A name that neither BTF nor C knows: all that is sure is the register.
    if (type.view == nullptr && type.info.kind == TypeKind::unknown) return word_reading(rules_);
    KPROBED_TRY(Reading reading, default_reading(type, rules_, cut));
    if (reading.is_text() && user && has_ustring) reading = text_reading(true);
    return reading;
  }

  Result<void> choose_reading(Draft& draft) {
    const FetchArg& arg = draft.arg;
    if (draft.place.bit_width != 0) return choose_bits(draft);
    if (arg.type) {
      auto reading = written_reading(*arg.type, rules_);
      if (!reading.ok()) return std::move(reading).error().at(type_span(arg));
      draft.reading = *std::move(reading);
      return fit_written(draft);
    }
    draft.reading = draft.base.wide ? wide_reading() : word_reading(rules_);
    if (is_own_text(arg)) draft.reading = text_reading(false);
    if (!arg.expr.derefs.empty()) return {};
    if (is<probespec::SymbolMemory>(arg)) return choose_global(draft);
    if (!draft.typed) return {};
    std::string cut;
    auto reading = reading_of(draft.place.type, draft.base.text && arg.expr.fields.empty(),
                              draft.place.at.user, cut);
    const bool in_register = reading.ok() && !draft.place.at.in_memory && !reading->from_memory();
    if (in_register && draft.place.type.info.bytes > rules_.word_bytes && !has_two_words(draft)) {
      reading = Error(ErrorCode::unsupported,
                      format("{} does not fit into one register", draft.place.type.info.c_name))
                    .with_hint("write :ulong to see the half that is in the first");
    }
    if (!reading.ok()) {
      return std::move(reading).error().at(arg.expr.span.known() ? arg.expr.span : arg.span);
    }
    draft.reading = *std::move(reading);
    if (!cut.empty()) {
      remarks_.push_back({"cut", std::move(cut), "write [N] behind it for a later one", arg.span});
    }
    return {};
  }

  bool has_two_words(const Draft& draft) const {
    return !draft.base.second.empty() && draft.place.type.info.bytes == 2 * rules_.word_bytes;
  }

  /// What a written type leaves open on this machine.
  Result<void> fit_written(Draft& draft) {
    const FetchArg& arg = draft.arg;
    Reading& reading = draft.reading;
    const bool value = arg.expr.derefs.empty() && !draft.place.at.in_memory;
    if (value && reading.count == 0 && !reading.is_text() && !arg.type->bits &&
        reading.bytes > rules_.word_bytes) {
      // The kernel would extend a word without its sign (fetch_store_raw takes unsigned long).
      if (rules_.word_bytes < context_.kernel.abi().word_bytes) {
        return Error(ErrorCode::unsupported,
                     "this is a 32-bit program, and its values of 64 bits lie in two registers")
            .with_hint("record the registers, or one half with :u32")
            .at(type_span(arg));
      }
      if (draft.base.second.empty()) return narrow_to_word(reading);
      if (is<probespec::ReturnValue>(arg) && !draft.base.wide) note_two_words(arg);
    }
    if (value && arg.type->bits && !draft.base.second.empty() &&
        arg.type->bits->offset + arg.type->bits->width > 8 * rules_.word_bytes) {
      return Error(ErrorCode::unsupported,
                   "these bits lie in the second of two registers, which is a field of its own")
          .with_hint("record the whole number")
          .at(type_span(arg));
    }
    if (!rules_.overlapping || rules_.user_program || reading.element != "string" ||
        is_own_text(arg) || arg.type->base != probespec::BaseType::string) {
      return {};
    }
    if (draft.place.at.user && arg.expr.derefs.empty()) {
      const std::uint32_t count = reading.count;
      reading = text_reading(true);
      reading.count = reading.shape.count = count;
    } else if (const bool from_argument = is<probespec::Argument>(arg) || is<probespec::Named>(arg);
               from_argument) {
      note_kernel_text(arg);
    }
    return {};
  }

  Result<void> narrow_to_word(Reading& reading) const {
    reading.bytes = rules_.word_bytes;
    reading.element = format("{}{}", reading.element.front(), 8 * reading.bytes);
    return {};
  }

  void note_two_words(const FetchArg& arg) {
    remarks_.push_back({"two_words",
                        format("{} is read as a result of 64 bits, in registers {} and {}; of a "
                               "function that returns a long, the upper half means nothing",
                               word_text(arg.expr.base), context_.kernel.abi().return_register,
                               context_.kernel.abi().high_return_register),
                        format("write {}:long for one machine word", word_text(arg.expr.base)),
                        arg.span});
  }

  void note_kernel_text(const FetchArg& arg) {
    remarks_.push_back({"kernel_text",
                        format("'string' reads the kernel's memory, and on {} a user's address "
                               "means another place there",
                               context_.kernel.abi().name),
                        "if it points into user memory, write :ustring", type_span(arg)});
  }

  Reading wide_reading() const {
    TypeRules rules = rules_;
    rules.word_bytes = 8;
    return word_reading(rules);
  }

  Result<void> choose_bits(Draft& draft) {
    const FetchArg& arg = draft.arg;
    if (arg.type || !arg.expr.derefs.empty()) {
      return Error(ErrorCode::wrong_place, "a bit-field has no address, and no type but its own")
          .at(arg.type ? type_span(arg) : arg.span);
    }
    const bool is_signed = draft.place.type.info.kind == TypeKind::integer &&
                           draft.place.type.info.is_signed && !draft.place.type.info.is_bool;
    const auto bits = enter_bit_field(draft.place, context_.kernel.abi().byte_order);
    if (!bits) {
      return Error(ErrorCode::unsupported,
                   "the bit-field lies across 64 bits, more than the "
                   "kernel reads at once")
          .at(arg.span);
    }
    auto reading = bits_reading(draft.place.type, *bits);
    if (!reading.ok()) return std::move(reading).error().at(arg.span);
    draft.reading = *std::move(reading);
    if (is_signed) {
      remarks_.push_back({"unsigned",
                          format("'{}' is a signed bit-field, and the kernel takes its bits "
                                 "without sign",
                                 arg.expr.fields.back().name),
                          "", arg.span});
    }
    return {};
  }

  /// A variable by its symbol. Few are in BTF, and what is not or has several parts stays a word.
  Result<void> choose_global(Draft& draft) {
    const auto& memory = std::get<probespec::SymbolMemory>(draft.arg.expr.base);
    if (memory.offset != 0) return {};
    const auto symbols = context_.kernel.find(memory.symbol, "");
    const std::string module = symbols.size() == 1 ? symbols.front().module : std::string();
    const auto types = context_.kernel.types(module);
    if (!types.ok()) return {};
    const auto variable = (*types)->variable(memory.symbol, module);
    if (!variable || variable->per_cpu) return {};
    CType type = CType::of(**types, variable->type);
    std::string cut;
    auto reading = reading_of(type, false, false, cut);
    if (!reading.ok()) return {};
    draft.reading = *std::move(reading);
    draft.base.what += format(" ({})", type.info.c_name);
    give_type(draft, std::move(type));
    if (!cut.empty()) remarks_.push_back({"cut", std::move(cut), "", draft.arg.span});
    return {};
  }

  /// Is it the value's pointee that is read, although nobody wrote a dereference? The kernel reads
  /// text and arrays from memory only (BAD_STRING): of a pointer people mean what it points to.
  static bool follows_value(const Draft& draft) {
    const Location& at = draft.place.at;
    if (!draft.arg.expr.derefs.empty() || !draft.reading.from_memory() || is_own_text(draft.arg) ||
        is_dentry_type(draft.arg)) {
      return false;
    }
    const bool object = at.in_memory && !at.word_slot;
    return !object || (draft.typed && draft.place.type.is_pointer());
  }

  /// Everything up to the read that the reading wants.
  Result<void> locate(Draft& draft) {
    Location& at = draft.place.at;
    const auto& derefs = draft.arg.expr.derefs;
    const bool follows = follows_value(draft);
    if (follows) at.follow(0);
    if (derefs.empty() && draft.reading.from_memory()) {
      // The type says for text whose memory it is, and arrays through +u the kernel has none
      // (BAD_STRING).
      if (at.user && !draft.reading.is_text() && rules_.overlapping) {
        return no_user_array().at(draft.arg.span);
      }
      at.user = false;
    }
    // Of a wider number in memory the low bytes are meant, and those come last on such machines.
    const std::uint32_t slot = slot_bytes(draft);
    if (derefs.empty() && at.in_memory && !draft.reading.from_memory() &&
        context_.kernel.abi().byte_order == ByteOrder::big && draft.reading.bytes < slot) {
      at.offset += slot - draft.reading.bytes;
    }
    at.load();
    for (const Deref& deref : derefs) at.read(deref);
    if (is_dentry_type(draft.arg)) return read_dentry_name(draft.arg, context_.kernel, at);
    return {};
  }

  /// Of the number that lies in memory there; 0 where it is none, or a part of one already.
  std::uint32_t slot_bytes(const Draft& draft) const {
    if (draft.place.at.word_slot) return context_.kernel.abi().word_bytes;
    if (!draft.typed || draft.place.bit_width != 0) return 0;
    const TypeInfo& info = draft.place.type.info;
    const bool number = info.kind == TypeKind::integer || info.kind == TypeKind::enumeration ||
                        info.kind == TypeKind::pointer;
    return number ? info.bytes : 0;
  }

  void describe(const Draft& draft, bool follows, ResolvedArg& resolved) const {
    const Reading& reading = draft.reading;
    const unsigned elements = std::max(reading.count, 1u);
    resolved.fetch = draft.place.at.text();
    resolved.kernel_type = reading.kernel_type();
    BaseFetch base = draft.base;
    if (!draft.base.second.empty() && draft.arg.expr.derefs.empty() && reading.count == 0 &&
        draft.arg.expr.fields.empty() && !reading.is_text() && reading.bytes == 8 &&
        !(draft.arg.type && draft.arg.type->bits)) {
      resolved.second_fetch = draft.base.second;
      resolved.kernel_type = "u32";
      if (is<probespec::ReturnValue>(draft.arg)) {
        base.where = format(", in registers {} and {}", context_.kernel.abi().return_register,
                            base.second.substr(1));
      }
    }
    resolved.shape = reading.shape;
    resolved.unreadable = unreadable_of(draft);
    resolved.fixed_bytes = std::size_t{reading.bytes} * elements;
    resolved.text_bytes = longest_text(draft) * elements;
    if (draft.typed && draft.arg.expr.derefs.empty()) {
      resolved.c_type = draft.place.type.info.c_name;
    }
    resolved.meaning = meaning_of({.arg = draft.arg,
                                   .base = base,
                                   .reading = reading,
                                   .typed = draft.typed,
                                   .follows = follows});
    if (!uses_types_ || !signatures_.get().ok()) return;
    const std::string word = word_2009(draft.arg.expr.base);
    if (signatures_.get()->find(word) == nullptr) return;
    resolved.meaning += format("; the parameter of that name is ${}", word);
  }

  static std::size_t longest_text(const Draft& draft) {
    if (!draft.reading.is_text()) return 0;
    if (is<probespec::Comm>(draft.arg)) return kMaxCommBytes;
    if (const auto* own = std::get_if<probespec::ImmediateText>(&draft.arg.expr.base)) {
      return own->text.size() + 1;
    }
    return draft.reading.element == "symstr" ? kMaxSymbolTextBytes : kMaxStringBytes;
  }

  decode::Unreadable unreadable_of(const Draft& draft) const {
    using decode::Unreadable;
    const bool program = context_.place.source == EventSource::uprobe;
    const unsigned reads = draft.place.at.reads;
    if (reads == 0) {
      // get_user_stack_nth, kernel/trace/trace_uprobe.c, gives 0 where it cannot read.
      const bool stack = program && is<probespec::StackEntry>(draft.arg);
      return stack ? Unreadable::zero : Unreadable::never;
    }
    if (draft.reading.is_text()) return Unreadable::null;
    // copy_from_user clears what it cannot fill, but only the last read goes to the record.
    return program && reads == 1 ? Unreadable::zero : Unreadable::stale;
  }

  const FetchContext& context_;
  TypeRules rules_;
  SignatureCache signatures_;
  bool uses_types_;
  std::vector<Remark>& remarks_;
};

}  // namespace

Result<std::vector<ResolvedArg>> resolve_arguments(const FetchContext& context,
                                                   std::vector<Remark>& remarks) {
  return Resolver(context, remarks).resolve();
}

}  // namespace kprobed::resolve
