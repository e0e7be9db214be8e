// SPDX-License-Identifier: Apache-2.0
//
// C types for tests, written as in C: structures, unions, enumerations, typedefs, prototypes,
// variables (`percpu` in front of those of which each CPU has its own). Laid out as on x86-64.
#pragma once

#include <algorithm>
#include <cctype>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "resolve/type_view.h"

namespace kprobed::resolve {

class FakeTypes final : public TypeView {
 public:
  explicit FakeTypes(std::string_view source) {
    types_.push_back({.info = named(TypeKind::nothing, "void", 0)});
    for (const Plain& plain : kPlain) add_plain(plain);
    split(source);
    while (at_ < tokens_.size()) declaration();
  }

  std::optional<FunctionType> function(std::string_view name, std::string_view) const override {
    const auto found = functions_.find(name);
    return found == functions_.end() ? std::nullopt : std::optional(found->second);
  }
  TypeInfo describe(TypeId type) const override { return types_.at(type.id).info; }
  std::vector<TypeMember> members(TypeId type) const override { return types_.at(type.id).members; }
  std::vector<decode::Enumerator> enumerators(TypeId type) const override {
    return types_.at(type.id).enumerators;
  }
  std::optional<TypeId> find(std::string_view c_name) const override {
    const auto found = names_.find(c_name);
    return found == names_.end() ? std::nullopt : std::optional(TypeId{0, found->second});
  }
  std::optional<Variable> variable(std::string_view name, std::string_view) const override {
    const auto found = variables_.find(name);
    return found == variables_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  struct Type {
    TypeInfo info;
    std::vector<TypeMember> members = {};
    std::vector<decode::Enumerator> enumerators = {};
    std::uint32_t align = 1;
  };
  struct Plain {
    const char* name;
    std::uint32_t bytes;
    bool is_signed;
  };
  static constexpr Plain kPlain[] = {
      {"char", 1, true},
      {"signed char", 1, true},
      {"unsigned char", 1, false},
      {"bool", 1, false},
      {"short", 2, true},
      {"unsigned short", 2, false},
      {"int", 4, true},
      {"unsigned int", 4, false},
      {"long", 8, true},
      {"unsigned long", 8, false},
      {"__int128", 16, true},
      {"double", 8, true},
      {"u8", 1, false},
      {"s8", 1, true},
      {"u16", 2, false},
      {"s16", 2, true},
      {"u32", 4, false},
      {"s32", 4, true},
      {"u64", 8, false},
      {"s64", 8, true},
  };
  /// A name with its type, and its width if it is a bit-field.
  struct Declared {
    std::string name;
    std::uint32_t type = 0;
    std::uint32_t bits = 0;
  };

  static TypeInfo named(TypeKind kind, std::string c_name, std::uint32_t bytes) {
    TypeInfo info;
    info.kind = kind;
    info.c_name = std::move(c_name);
    info.bytes = bytes;
    return info;
  }

  void add_plain(const Plain& plain) {
    TypeInfo info = named(TypeKind::integer, plain.name, plain.bytes);
    info.is_signed = plain.is_signed;
    const std::string_view name = plain.name;
    info.is_char = name == "char";
    info.is_bool = name == "bool";
    if (name == "double") info.kind = TypeKind::floating;
    add(std::move(info), plain.bytes);
  }

  std::uint32_t add(TypeInfo info, std::uint32_t align) {
    const auto id = static_cast<std::uint32_t>(types_.size());
    if (!info.c_name.empty()) names_.emplace(info.c_name, id);
    types_.push_back({.info = std::move(info), .align = align});
    return id;
  }

  void split(std::string_view source) {
    for (std::size_t i = 0; i < source.size();) {
      const auto letter = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
      };
      if (std::isspace(static_cast<unsigned char>(source[i]))) {
        ++i;
        continue;
      }
      std::size_t end = i + 1;
      if (letter(source[i])) {
        while (end < source.size() && letter(source[end])) ++end;
      }
      tokens_.emplace_back(source.substr(i, end - i));
      i = end;
    }
  }
  const std::string& peek(std::size_t ahead = 0) const {
    if (at_ + ahead >= tokens_.size()) throw std::runtime_error("the types end too early");
    return tokens_[at_ + ahead];
  }
  std::string take() {
    std::string token = peek();
    ++at_;
    return token;
  }
  bool take_if(std::string_view token) {
    if (peek() != token) return false;
    ++at_;
    return true;
  }
  void expect(std::string_view token) {
    if (!take_if(token)) {
      throw std::runtime_error("expected '" + std::string(token) + "' at '" + peek() + "'");
    }
  }
  std::uint32_t number() { return static_cast<std::uint32_t>(std::stoul(take())); }

  void declaration() {
    if (take_if("typedef")) {
      const Declared made = declarator(base());
      Type type = types_[made.type];
      type.info.c_name = made.name;
      names_[made.name] = static_cast<std::uint32_t>(types_.size());
      types_.push_back(std::move(type));
      return expect(";");
    }
    const bool per_cpu = take_if("percpu");
    const std::uint32_t type = base();
    if (take_if(";")) return;  // a structure alone
    const Declared made = declarator(type);
    if (take_if("(")) {
      functions_[made.name] = prototype(made.type);
    } else {
      variables_[made.name] = {{0, made.type}, per_cpu};
    }
    expect(";");
  }

  FunctionType prototype(std::uint32_t returns) {
    FunctionType type;
    type.returns = {0, returns};
    if (peek() == "void" && peek(1) == ")") take();
    if (take_if(")")) return type;
    do {
      if (peek() == ".") {  // "..."
        at_ += 3;
        type.variadic = true;
        break;
      }
      const Declared parameter = declarator(base());
      type.parameters.push_back({parameter.name, {0, parameter.type}});
    } while (take_if(","));
    expect(")");
    return type;
  }

  std::uint32_t base() {
    while (take_if("const")) {
    }
    const std::string word = take();
    if (word == "struct" || word == "union" || word == "enum") return tagged(word);
    std::string name = word;
    if (word == "unsigned" || word == "signed") name += " " + take();
    if (name == "void") return 0;
    const auto found = names_.find(name);
    if (found == names_.end()) throw std::runtime_error("no type '" + name + "'");
    return found->second;
  }

  std::uint32_t tagged(const std::string& word) {
    const std::string name = peek() == "{" ? std::string() : word + " " + take();
    const auto known = names_.find(name);
    const std::uint32_t id =
        known != names_.end() ? known->second : add(named(TypeKind::unknown, name, 0), 1);
    if (name.empty()) types_[id].info.c_name = word + " {...}";
    if (!take_if("{")) return id;
    if (word == "enum") {
      enumeration(id);
    } else {
      structure(id, word == "union");
    }
    return id;
  }

  void enumeration(std::uint32_t id) {
    std::int64_t next = 0;
    std::vector<decode::Enumerator> values;
    do {
      std::string name = take();
      if (take_if("=")) next = (take_if("-") ? -1 : 1) * std::int64_t{number()};
      values.push_back({next++, std::move(name)});
    } while (take_if(","));
    expect("}");
    std::ranges::stable_sort(values, {}, &decode::Enumerator::value);
    TypeInfo& info = types_[id].info;
    info.kind = TypeKind::enumeration;
    info.bytes = types_[id].align = 4;
    info.is_signed = values.front().value < 0;
    types_[id].enumerators = std::move(values);
  }

  void structure(std::uint32_t id, bool is_union) {
    std::vector<TypeMember> members;
    std::uint32_t bits = 0, end = 0, align = 1;
    while (!take_if("}")) {
      const std::uint32_t type = base();
      // An anonymous structure has no name behind it.
      const Declared made = peek() == ";" ? Declared{"", type, 0} : declarator(type);
      expect(";");
      const Type& of = types_[made.type];
      const std::uint32_t unit = of.align * 8;
      align = std::max(align, of.align);
      if (is_union) bits = 0;
      const bool straddles = made.bits != 0 && bits / unit != (bits + made.bits - 1) / unit;
      if (made.bits == 0 || straddles) bits = (bits + unit - 1) / unit * unit;
      members.push_back({made.name, {0, made.type}, bits, made.bits});
      bits += made.bits != 0 ? made.bits : of.info.bytes * 8;
      end = std::max(end, bits);
    }
    Type& made = types_[id];
    made.info.kind = is_union ? TypeKind::union_ : TypeKind::structure;
    made.info.bytes = (end + align * 8 - 1) / (align * 8) * align;
    made.align = align;
    made.members = std::move(members);
  }

  std::uint32_t pointer_to(std::uint32_t target) {
    const std::string name = types_[target].info.c_name;
    const bool stars = !name.empty() && name.back() == '*';
    TypeInfo info = named(TypeKind::pointer, name + (stars ? "*" : " *"), 8);
    info.target = {0, target};
    return add(std::move(info), 8);
  }

  std::uint32_t array_of(std::uint32_t element, std::uint32_t count) {
    const TypeInfo of = types_[element].info;
    const std::string length = count == 0 ? std::string() : std::to_string(count);
    TypeInfo info = named(TypeKind::array, of.c_name + "[" + length + "]", of.bytes * count);
    info.target = {0, element};
    info.count = count;
    return add(std::move(info), types_[element].align);
  }

  Declared declarator(std::uint32_t type) {
    while (take_if("*")) type = pointer_to(type);
    if (peek() == "(" && peek(1) == "*") {
      at_ += 2;
      const std::string name = take();
      expect(")");
      expect("(");
      const FunctionType made = prototype(type);
      const std::uint32_t function = add(named(TypeKind::function, "void (...)", 0), 1);
      const std::uint32_t pointer = pointer_to(function);
      types_[pointer].info.c_name = "void (*)(...)";
      return {name, pointer, 0};
    }
    // A parameter may have no name.
    const bool named = peek() != "," && peek() != ")";
    Declared made{named ? take() : std::string(), type, 0};
    std::vector<std::uint32_t> counts;
    while (take_if("[")) {
      counts.push_back(peek() == "]" ? 0 : number());
      expect("]");
    }
    for (auto count = counts.rbegin(); count != counts.rend(); ++count) {
      made.type = array_of(made.type, *count);
    }
    if (take_if(":")) made.bits = number();
    return made;
  }

  std::vector<Type> types_;
  std::map<std::string, std::uint32_t, std::less<>> names_;
  std::map<std::string, FunctionType, std::less<>> functions_;
  std::map<std::string, Variable, std::less<>> variables_;
  std::vector<std::string> tokens_;
  std::size_t at_ = 0;
};

}  // namespace kprobed::resolve
