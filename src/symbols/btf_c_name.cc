// SPDX-License-Identifier: Apache-2.0
#include "symbols/btf_c_name.h"

#include "base/format.h"

namespace kprobed::symbols {

namespace {

/// More than any kernel has; a file may have loops.
constexpr unsigned kDeepest = 32;

/// How gcc and clang call them in debug information, and how C programmers do.
struct IntegerName {
  std::string_view compilers, usual;
};
constexpr IntegerName kIntegerNames[] = {
    {"long int", "long"},           {"long unsigned int", "unsigned long"},
    {"long long int", "long long"}, {"long long unsigned int", "unsigned long long"},
    {"short int", "short"},         {"short unsigned int", "unsigned short"},
};

std::string tagged(std::string_view tag, std::string_view name) {
  return name.empty() ? format("{} {{...}}", tag) : format("{} {}", tag, name);
}

/// C declares inside out: `inner` is what stands where the name would ("*", "(*)[4]").
std::string declare(const BtfFile& file, std::uint32_t id, std::string inner, unsigned depth) {
  const auto with = [&inner](std::string_view name) {
    if (inner.empty()) return std::string(name);
    return format("{}{}{}", name, inner.front() == '[' ? "" : " ", inner);
  };
  id = skip_modifiers(file, id);
  if (id == 0) return with("void");
  const btf_type* type = file.type(id);
  if (type == nullptr || depth == kDeepest) return with("?");
  switch (btf_kind(type)) {
    case BTF_KIND_INT:
      return with(usual_integer_name(file.name(*type)));
    case BTF_KIND_FLOAT:
    case BTF_KIND_TYPEDEF:
      return with(file.name(*type));
    case BTF_KIND_STRUCT:
      return with(tagged("struct", file.name(*type)));
    case BTF_KIND_UNION:
      return with(tagged("union", file.name(*type)));
    case BTF_KIND_FWD:
      return with(tagged(btf_kflag(type) ? "union" : "struct", file.name(*type)));
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
      return with(tagged("enum", file.name(*type)));
    case BTF_KIND_PTR: {
      const btf_type* target = file.type(skip_modifiers(file, type->type));
      const bool brackets =
          target != nullptr && (btf_is_array(target) || btf_is_func_proto(target));
      return declare(file, type->type, (brackets ? "(*" : "*") + inner + (brackets ? ")" : ""),
                     depth + 1);
    }
    case BTF_KIND_ARRAY: {
      const struct btf_array& array = *btf_array(type);
      return declare(file, array.type, inner + format("[{}]", array.nelems), depth + 1);
    }
    case BTF_KIND_FUNC_PROTO:
      return declare(file, type->type, inner + "(...)", depth + 1);
    default:
      return with("?");
  }
}

}  // namespace

std::string c_name(const BtfFile& file, std::uint32_t id) { return declare(file, id, "", 0); }

std::string_view usual_integer_name(std::string_view name) {
  for (const IntegerName& row : kIntegerNames) {
    if (name == row.compilers) return row.usual;
  }
  return name;
}

std::string_view compilers_integer_name(std::string_view name) {
  for (const IntegerName& row : kIntegerNames) {
    if (name == row.usual) return row.compilers;
  }
  return name == "unsigned" ? "unsigned int" : name;
}

std::uint32_t skip_modifiers(const BtfFile& file, std::uint32_t id) {
  for (unsigned depth = 0; depth < kDeepest; ++depth) {
    const btf_type* type = file.type(id);
    if (type == nullptr || id == 0) return id;
    switch (btf_kind(type)) {
      case BTF_KIND_CONST:
      case BTF_KIND_VOLATILE:
      case BTF_KIND_RESTRICT:
      case BTF_KIND_TYPE_TAG:
        id = type->type;
        break;
      default:
        return id;
    }
  }
  return kNoType;
}

}  // namespace kprobed::symbols
