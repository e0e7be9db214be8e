// SPDX-License-Identifier: Apache-2.0
#include "symbols/btf_types.h"

#include <bpf/btf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>

#include "temporary_files.h"

namespace kprobed::symbols {
namespace {

using resolve::TypeId;
using resolve::TypeInfo;
using resolve::TypeKind;
using resolve::TypeMember;
using testing::ElementsAre;
using testing::IsEmpty;

/// BTF made by hand, with libbpf as the writer. add_*() of libbpf give the new type's id.
class Made {
 public:
  explicit Made(const Made* base = nullptr)
      : types_(base == nullptr ? ::btf__new_empty() : ::btf__new_empty_split(base->types_)) {}
  ~Made() { ::btf__free(types_); }
  Made(const Made&) = delete;
  Made& operator=(const Made&) = delete;
  btf* operator*() const { return types_; }

  int prototype(int returns, std::initializer_list<std::pair<const char*, int>> parameters) const {
    const int id = ::btf__add_func_proto(types_, returns);
    for (const auto& [name, type] : parameters) ::btf__add_func_param(types_, name, type);
    return id;
  }
  int function(const char* name, int prototype) const {
    return ::btf__add_func(types_, name, BTF_FUNC_STATIC, prototype);
  }
  std::string bytes() const {
    __u32 size = 0;
    const void* raw = ::btf__raw_data(types_, &size);
    return {static_cast<const char*>(raw), size};
  }

 private:
  btf* types_;
};

std::unique_ptr<BtfTypes> open_types(const std::string& path) {
  auto types = BtfTypes::open(path);
  if (types.ok()) return std::move(types).value();
  ADD_FAILURE() << describe(types.error());
  return nullptr;
}

std::unique_ptr<BtfTypes> read(const Made& made) {
  const TemporaryFolder folder;
  return open_types(folder.write("vmlinux", made.bytes()));
}

std::unique_ptr<BtfTypes> kernel(const std::string& version) {
  return open_types(std::string(KPROBED_TEST_DATA) + "/" + version + "/btf/vmlinux");
}

TypeId id(int number) { return {0, static_cast<std::uint32_t>(number)}; }

/// "name type@bit:width", to compare with.
std::string text(const BtfTypes& types, const TypeMember& member) {
  return member.name + " " + types.describe(member.type).c_name + "@" +
         std::to_string(member.bit_offset) + ":" + std::to_string(member.bit_width);
}

std::vector<std::string> members(const BtfTypes& types, std::string_view c_name) {
  std::vector<std::string> texts;
  const auto type = types.find(c_name);
  if (!type) return {"no such type"};
  for (const TypeMember& member : types.members(*type)) texts.push_back(text(types, member));
  return texts;
}

/// "int (int dfd, char * filename)"
std::string prototype(const BtfTypes& types, std::string_view name, std::string_view module = "") {
  const auto function = types.function(name, module);
  if (!function) return "none";
  std::string all = types.describe(function->returns).c_name + " (";
  for (const auto& parameter : function->parameters) {
    if (all.back() != '(') all += ", ";
    all += types.describe(parameter.type).c_name + " " + parameter.name;
  }
  return all + (function->variadic ? ", ...)" : ")");
}

TEST(BtfTypes, DescribesEveryKind) {
  const Made made;
  const int integer = ::btf__add_int(*made, "int", 4, BTF_INT_SIGNED);
  const int letter = ::btf__add_int(*made, "char", 1, BTF_INT_SIGNED);
  const int marked = ::btf__add_int(*made, "letter", 1, BTF_INT_CHAR);
  const int byte = ::btf__add_int(*made, "unsigned char", 1, 0);
  const int signed_byte = ::btf__add_int(*made, "signed char", 1, BTF_INT_SIGNED);
  const int plain_byte = ::btf__add_typedef(*made, "__u8", letter);  // as some machines have it
  const int byte_again = ::btf__add_typedef(*made, "flags_t", plain_byte);
  const int letter_name = ::btf__add_typedef(*made, "letter_t", letter);
  const int boolean = ::btf__add_int(*made, "_Bool", 1, BTF_INT_BOOL);
  const int wide = ::btf__add_int(*made, "long unsigned int", 8, 0);
  const int real = ::btf__add_float(*made, "double", 8);
  const int constant = ::btf__add_const(*made, letter);
  const int string = ::btf__add_ptr(*made, constant);
  const int strings = ::btf__add_ptr(*made, string);
  const int nothing = ::btf__add_ptr(*made, 0);
  const int array = ::btf__add_array(*made, integer, letter, 16);
  const int table = ::btf__add_array(*made, integer, array, 3);
  const int flexible = ::btf__add_array(*made, integer, wide, 0);
  const int to_array = ::btf__add_ptr(*made, array);
  const int proto = made.prototype(integer, {{"a", integer}});
  const int call = ::btf__add_ptr(*made, proto);
  const int calls = ::btf__add_array(*made, integer, call, 2);
  const int structure = ::btf__add_struct(*made, "open_how", 24);
  const int pointer = ::btf__add_ptr(*made, ::btf__add_volatile(*made, structure));
  const int united = ::btf__add_union(*made, nullptr, 4);
  const int forward = ::btf__add_fwd(*made, "inode", BTF_FWD_STRUCT);
  const int tagged = ::btf__add_ptr(*made, ::btf__add_type_tag(*made, "user", structure));
  const int mode = ::btf__add_enum(*made, "mode", 4);
  ::btf__add_enum_value(*made, "MODE_A", 0);
  const int big = ::btf__add_enum64(*made, "big", 8, true);
  const auto types = read(made);
  ASSERT_NE(types, nullptr);

  struct Row {
    int type;
    TypeKind kind;
    const char* c_name;
    unsigned bytes;
    bool is_signed = false, is_bool = false, is_char = false;
    int target = 0;
    unsigned count = 0;
  };
  for (const Row& row : {
           Row{0, TypeKind::nothing, "void", 0},
           Row{integer, TypeKind::integer, "int", 4, true},
           Row{letter, TypeKind::integer, "char", 1, true, false, true},
           Row{letter_name, TypeKind::integer, "letter_t", 1, true, false, true},
           Row{marked, TypeKind::integer, "letter", 1, false, false, true},
           Row{byte, TypeKind::integer, "unsigned char", 1},
           Row{signed_byte, TypeKind::integer, "signed char", 1, true},
           Row{plain_byte, TypeKind::integer, "__u8", 1, true},
           Row{byte_again, TypeKind::integer, "flags_t", 1, true},
           Row{boolean, TypeKind::integer, "_Bool", 1, false, true},
           Row{wide, TypeKind::integer, "unsigned long", 8},
           Row{real, TypeKind::floating, "double", 8},
           Row{constant, TypeKind::integer, "char", 1, true, false, true},
           Row{string, TypeKind::pointer, "char *", 8, false, false, false, constant},
           Row{strings, TypeKind::pointer, "char **", 8, false, false, false, string},
           Row{nothing, TypeKind::pointer, "void *", 8},
           Row{array, TypeKind::array, "char[16]", 16, false, false, false, letter, 16},
           Row{table, TypeKind::array, "char[3][16]", 48, false, false, false, array, 3},
           Row{flexible, TypeKind::array, "unsigned long[0]", 0, false, false, false, wide, 0},
           Row{to_array, TypeKind::pointer, "char (*)[16]", 8, false, false, false, array},
           Row{proto, TypeKind::function, "int (...)", 0},
           Row{call, TypeKind::pointer, "int (*)(...)", 8, false, false, false, proto},
           Row{calls, TypeKind::array, "int (*[2])(...)", 16, false, false, false, call, 2},
           Row{structure, TypeKind::structure, "struct open_how", 24},
           Row{pointer, TypeKind::pointer, "struct open_how *", 8, false, false, false,
               pointer - 1},
           Row{united, TypeKind::union_, "union {...}", 4},
           Row{forward, TypeKind::unknown, "struct inode", 0},
           Row{tagged, TypeKind::pointer, "struct open_how *", 8, false, false, false, tagged - 1},
           Row{mode, TypeKind::enumeration, "enum mode", 4},
           Row{big, TypeKind::enumeration, "enum big", 8, true},
           Row{9999, TypeKind::unknown, "?", 0},
       }) {
    const TypeInfo info = types->describe(id(row.type));
    EXPECT_EQ(info.kind, row.kind) << row.c_name;
    EXPECT_EQ(info.c_name, row.c_name);
    EXPECT_EQ(info.bytes, row.bytes) << row.c_name;
    EXPECT_EQ(info.is_signed, row.is_signed) << row.c_name;
    EXPECT_EQ(info.is_bool, row.is_bool) << row.c_name;
    EXPECT_EQ(info.is_char, row.is_char) << row.c_name;
    EXPECT_EQ(info.target, id(row.target)) << row.c_name;
    EXPECT_EQ(info.count, row.count) << row.c_name;
  }
  EXPECT_EQ(types->describe({7, 1}).kind, TypeKind::unknown);
}

TEST(BtfTypes, FindsTypesByTheNameThatAPersonWrites) {
  const Made made;
  const int wide = ::btf__add_int(*made, "long unsigned int", 8, 0);
  const int plain = ::btf__add_int(*made, "unsigned int", 4, 0);
  const int forward = ::btf__add_fwd(*made, "file", BTF_FWD_STRUCT);
  const int structure = ::btf__add_struct(*made, "file", 8);
  const int united = ::btf__add_union(*made, "file", 8);
  const int named = ::btf__add_typedef(*made, "file", structure);
  const int mode = ::btf__add_enum(*made, "file", 4);
  made.function("only_a_function", made.prototype(0, {}));
  const auto types = read(made);
  ASSERT_NE(types, nullptr);
  struct Row {
    const char* name;
    std::optional<int> type;
  };
  for (const Row& row : {
           Row{"void", 0},
           Row{"unsigned long", wide},
           Row{"long unsigned int", wide},
           Row{"unsigned int", plain},
           Row{"unsigned", plain},
           Row{"file", named},
           Row{"struct file", structure},
           Row{"union file", united},
           Row{"enum file", mode},
           Row{"struct nothing", std::nullopt},
           Row{"only_a_function", std::nullopt},
           Row{"", std::nullopt},
           Row{"struct ", std::nullopt},
       }) {
    const auto found = types->find(row.name);
    EXPECT_EQ(found, row.type ? std::optional(id(*row.type)) : std::nullopt) << row.name;
  }
  // What is only declared is looked up: the definition is in the same file.
  EXPECT_EQ(types->describe(id(forward)).kind, TypeKind::structure);
  EXPECT_EQ(types->describe(id(forward)).bytes, 8u);
}

TEST(BtfTypes, ReadsBitFieldsInBothEncodings) {
  const Made made;
  const int byte = ::btf__add_int(*made, "unsigned char", 1, 0);
  const int word = ::btf__add_int(*made, "unsigned int", 4, 0);
  ::btf__add_struct(*made, "newer", 8);  // kind_flag: the member says its width
  ::btf__add_field(*made, "a", word, 0, 4);
  ::btf__add_field(*made, "b", byte, 4, 1);
  ::btf__add_field(*made, "whole", word, 32, 0);
  // The older way: an INT of four bytes has 3 bits, and may start later in its own bytes.
  const int narrow = ::btf__add_int(*made, "unsigned int", 4, 0);
  *reinterpret_cast<__u32*>(const_cast<btf_type*>(::btf__type_by_id(*made, narrow)) + 1) =
      BTF_INT_BITS(3);
  const int later = ::btf__add_int(*made, "unsigned int", 4, 0);
  *reinterpret_cast<__u32*>(const_cast<btf_type*>(::btf__type_by_id(*made, later)) + 1) =
      5 << 16 | BTF_INT_BITS(2);
  const int hidden = ::btf__add_const(*made, ::btf__add_typedef(*made, "narrow_t", narrow));
  const int older = ::btf__add_struct(*made, "older", 8);
  ::btf__add_field(*made, "a", narrow, 0, 0);
  ::btf__add_field(*made, "b", hidden, 0, 0);
  ::btf__add_field(*made, "c", later, 0, 0);
  ::btf__add_field(*made, "whole", word, 32, 0);
  btf_members(const_cast<btf_type*>(::btf__type_by_id(*made, older)))[1].offset = 3;
  const auto types = read(made);
  ASSERT_NE(types, nullptr);
  EXPECT_THAT(members(*types, "struct newer"),
              ElementsAre("a unsigned int@0:4", "b unsigned char@4:1", "whole unsigned int@32:0"));
  EXPECT_THAT(members(*types, "struct older"),
              ElementsAre("a unsigned int@0:3", "b narrow_t@3:3", "c unsigned int@5:2",
                          "whole unsigned int@32:0"));
  EXPECT_THAT(types->members(id(word)), IsEmpty());
  EXPECT_THAT(types->members(id(0)), IsEmpty());
}

TEST(BtfTypes, ReadsEnumerators) {
  using decode::Enumerator;
  const Made older;  // before pahole 1.24 no enumeration says its sign
  const int negative = ::btf__add_enum(*older, "negative", 4);
  ::btf__add_enum_value(*older, "ONE", 1);
  ::btf__add_enum_value(*older, "MINUS", -1);
  ::btf__add_enum_value(*older, "ONE_AGAIN", 1);
  // libbpf marks it as it sees a negative value: unmark it, as old kernels have it.
  const_cast<btf_type*>(::btf__type_by_id(*older, negative))->info &= 0x7fffffffu;
  const int positive = ::btf__add_enum(*older, "positive", 2);
  ::btf__add_enum_value(*older, "A", 7);
  auto types = read(older);
  ASSERT_NE(types, nullptr);
  EXPECT_THAT(types->enumerators(id(negative)),
              ElementsAre(Enumerator{-1, "MINUS"}, Enumerator{1, "ONE"}));
  EXPECT_TRUE(types->describe(id(negative)).is_signed);
  EXPECT_FALSE(types->describe(id(positive)).is_signed);
  EXPECT_EQ(types->describe(id(positive)).bytes, 2u);

  const Made newer;
  const int marked = ::btf__add_enum(*newer, "marked", 4);
  ::btf__add_enum_value(*newer, "MINUS", -1);
  const_cast<btf_type*>(::btf__type_by_id(*newer, marked))->info |= 1u << 31;
  const int high = ::btf__add_enum(*newer, "high", 4);
  ::btf__add_enum_value(*newer, "TOP_BIT", -2147483648);
  const_cast<btf_type*>(::btf__type_by_id(*newer, high))->info &= 0x7fffffffu;
  const int big = ::btf__add_enum64(*newer, "big", 8, false);
  ::btf__add_enum64_value(*newer, "ALL", ~0ull);
  ::btf__add_enum64_value(*newer, "SOME", 1ull << 40);
  const int integer = ::btf__add_int(*newer, "int", 4, BTF_INT_SIGNED);
  types = read(newer);
  ASSERT_NE(types, nullptr);
  EXPECT_THAT(types->enumerators(id(marked)), ElementsAre(Enumerator{-1, "MINUS"}));
  EXPECT_TRUE(types->describe(id(marked)).is_signed);
  EXPECT_THAT(types->enumerators(id(high)), ElementsAre(Enumerator{0x80000000, "TOP_BIT"}));
  EXPECT_FALSE(types->describe(id(high)).is_signed);
  EXPECT_THAT(types->enumerators(id(big)),
              ElementsAre(Enumerator{-1, "ALL"}, Enumerator{1ll << 40, "SOME"}));
  EXPECT_THAT(types->enumerators(id(integer)), IsEmpty());
}

TEST(BtfTypes, KnowsFunctionsThatHaveOnePrototype) {
  const Made made;
  const int integer = ::btf__add_int(*made, "int", 4, BTF_INT_SIGNED);
  const int one = made.prototype(integer, {{"a", integer}, {"b", integer}});
  const int same = made.prototype(integer, {{"a", integer}, {"b", integer}});
  const int other = made.prototype(0, {{"a", integer}});
  made.function("once", one);
  made.function("twice_the_same", one);
  made.function("twice_the_same", same);
  made.function("twice", one);
  made.function("twice", other);
  made.function("none", made.prototype(0, {}));
  made.function("variadic", made.prototype(integer, {{"fmt", integer}, {nullptr, 0}}));
  made.function("nameless", made.prototype(0, {{nullptr, integer}}));
  ::btf__add_typedef(*made, "a_type", integer);
  const auto types = read(made);
  ASSERT_NE(types, nullptr);
  struct Row {
    const char *name, *prototype, *module = "";
  };
  for (const Row& row : {
           Row{"once", "int (int a, int b)"},
           Row{"twice_the_same", "int (int a, int b)"},
           Row{"twice", "none"},
           Row{"none", "void ()"},
           Row{"variadic", "int (int fmt, ...)"},
           Row{"nameless", "void (int )"},
           Row{"a_type", "none"},
           Row{"no_such", "none"},
           Row{"", "none"},
           Row{"once", "none", "a_module"},
       }) {
    EXPECT_EQ(prototype(*types, row.name, row.module), row.prototype) << row.name;
  }
}

TEST(BtfTypes, KnowsVariablesAndWhichArePerCpu) {
  const Made made;
  const int integer = ::btf__add_int(*made, "int", 4, BTF_INT_SIGNED);
  const int per_cpu = ::btf__add_var(*made, "cpu_number", BTF_VAR_GLOBAL_ALLOCATED, integer);
  const int global = ::btf__add_var(*made, "jiffies", BTF_VAR_GLOBAL_ALLOCATED, integer);
  ::btf__add_var(*made, "twice", BTF_VAR_STATIC, integer);
  ::btf__add_var(*made, "twice", BTF_VAR_STATIC, integer);
  ::btf__add_datasec(*made, ".data..percpu", 4);
  ::btf__add_datasec_var_info(*made, per_cpu, 0, 4);
  ::btf__add_datasec(*made, ".data", 4);
  ::btf__add_datasec_var_info(*made, global, 0, 4);
  const auto types = read(made);
  ASSERT_NE(types, nullptr);
  ASSERT_TRUE(types->variable("cpu_number", ""));
  EXPECT_TRUE(types->variable("cpu_number", "")->per_cpu);
  EXPECT_EQ(types->variable("cpu_number", "")->type, id(integer));
  ASSERT_TRUE(types->variable("jiffies", ""));
  EXPECT_FALSE(types->variable("jiffies", "")->per_cpu);
  for (const char* name : {"twice", "int", "no_such", ""}) {
    EXPECT_FALSE(types->variable(name, "")) << name;
  }
}

TEST(BtfTypes, AModulesFileGoesOnWhereTheKernelsEnds) {
  const Made kernel_file;
  const int integer = ::btf__add_int(*kernel_file, "int", 4, BTF_INT_SIGNED);
  const int device = ::btf__add_struct(*kernel_file, "net_device", 16);
  ::btf__add_field(*kernel_file, "mtu", integer, 0, 0);
  kernel_file.function("shared", kernel_file.prototype(integer, {}));
  const Made module_file(&kernel_file);
  const int forward = ::btf__add_fwd(*module_file, "net_device", BTF_FWD_STRUCT);
  const int pointer = ::btf__add_ptr(*module_file, forward);
  const int own = ::btf__add_struct(*module_file, "dummy", 8);
  ::btf__add_field(*module_file, "count", integer, 0, 0);
  ::btf__add_field(*module_file, "device", pointer, 32, 0);
  module_file.function("dummy_xmit", module_file.prototype(integer, {{"device", pointer}}));
  module_file.function("shared", module_file.prototype(0, {}));

  const TemporaryFolder folder;
  const auto types = open_types(folder.write("vmlinux", kernel_file.bytes()));
  ASSERT_NE(types, nullptr);
  const std::string path = folder.write("dummy", module_file.bytes());
  for (int i = 0; i < 2; ++i) {
    const auto added = types->add_module("dummy", path);
    ASSERT_TRUE(added.ok()) << describe(added.error());
  }
  EXPECT_EQ(prototype(*types, "dummy_xmit", "dummy"), "int (struct net_device * device)");
  // The same bytes out of the module's file.
  const auto unloaded = open_types(folder.path() + "/vmlinux");
  ASSERT_NE(unloaded, nullptr);
  EXPECT_TRUE(unloaded->add_module_bytes("dummy", module_file.bytes()).ok());
  EXPECT_EQ(prototype(*unloaded, "dummy_xmit", "dummy"), "int (struct net_device * device)");
  for (const std::string& broken :
       {std::string(), std::string("not BTF"), module_file.bytes().substr(0, 40)}) {
    EXPECT_FALSE(unloaded->add_module_bytes("broken", broken).ok());
  }
  EXPECT_EQ(prototype(*types, "dummy_xmit"), "none");
  EXPECT_EQ(prototype(*types, "shared"), "int ()");
  EXPECT_EQ(prototype(*types, "shared", "dummy"), "void ()");
  EXPECT_THAT(members(*types, "struct dummy"),
              ElementsAre("count int@0:0", "device struct net_device *@32:0"));
  EXPECT_EQ(types->find("struct dummy"), (TypeId{1, static_cast<std::uint32_t>(own)}));
  // The kernel's types are the same ones, whoever names them.
  const auto module_members = types->members({1, static_cast<std::uint32_t>(own)});
  ASSERT_EQ(module_members.size(), 2u);
  EXPECT_EQ(module_members[0].type, id(integer));
  // The definition of what the module only declares is the kernel's.
  const TypeId target = types->describe(module_members[1].type).target;
  EXPECT_EQ(types->describe(target).bytes, 16u);
  EXPECT_EQ(types->members(target).size(), 1u);
  EXPECT_EQ(types->describe(id(device)).c_name, "struct net_device");
}

TEST(BtfTypes, WalksNowhereForeverInABrokenFile) {
  const Made made;
  // Ids are those of the types below, and of none.
  ::btf__add_typedef(*made, "round", 2);      // 1
  ::btf__add_const(*made, 3);                 // 2
  ::btf__add_volatile(*made, 2);              // 3: 2 and 3 point at each other
  ::btf__add_typedef(*made, "itself", 4);     // 4
  ::btf__add_ptr(*made, 5);                   // 5
  ::btf__add_array(*made, 4, 6, 2);           // 6: an array of itself
  ::btf__add_typedef(*made, "missing", 999);  // 7
  ::btf__add_ptr(*made, 999);                 // 8
  ::btf__add_func(*made, "not_a_prototype", BTF_FUNC_STATIC, 4);
  ::btf__add_func(*made, "missing_prototype", BTF_FUNC_STATIC, 999);
  ::btf__add_struct(*made, "odd", 4);
  ::btf__add_field(*made, "a", 999, 0, 0);
  ::btf__add_field(*made, "b", 2, 0, 0);
  const auto types = read(made);
  ASSERT_NE(types, nullptr);
  for (int type = 0; type < 12; ++type) {
    const TypeInfo info = types->describe(id(type));
    EXPECT_LE(info.c_name.size(), 200u) << type;
    types->members(id(type));
    types->enumerators(id(type));
    types->describe(info.target);
  }
  for (const int type : {1, 2, 3, 4, 7}) {
    EXPECT_EQ(types->describe(id(type)).kind, TypeKind::unknown) << type;
  }
  EXPECT_EQ(types->describe(id(2)).c_name, "?");
  EXPECT_EQ(types->describe(id(6)).bytes, 0u);
  EXPECT_FALSE(types->function("not_a_prototype", ""));
  EXPECT_FALSE(types->function("missing_prototype", ""));
  EXPECT_THAT(members(*types, "struct odd"), ElementsAre("a ?@0:0", "b ?@0:0"));
}

TEST(BtfTypes, AnyBytesAreAnAnswerOrAnError) {
  const std::string whole = [] {
    std::ifstream file(std::string(KPROBED_TEST_DATA) + "/6.1/btf/vmlinux", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }();
  ASSERT_GT(whole.size(), 1000u);
  const TemporaryFolder folder;
  const auto survives = [&folder](const std::string& bytes) {
    const auto types = BtfTypes::open(folder.write("btf", bytes));
    if (!types.ok()) return;
    (*types)->function("vfs_read", "");
    (*types)->variable("cpu_number", "");
    for (std::uint32_t i = 0; i < 200; ++i) {
      (*types)->describe({0, i});
      (*types)->members({0, i});
      (*types)->enumerators({0, i});
    }
  };
  for (std::size_t size = 0; size < whole.size(); size += 37) survives(whole.substr(0, size));
  for (std::size_t at = 0; at < whole.size(); at += 11) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (at % 2 == 0 ? 0xff : 0x11));
    survives(bytes);
  }
}

TEST(BtfTypes, AFileWithoutTypesIsAnError) {
  const TemporaryFolder folder;
  struct Row {
    std::string path;
    ErrorCode code;
  };
  for (const Row& row : {
           Row{folder.path() + "/missing", ErrorCode::not_found},
           Row{folder.write("empty", ""), ErrorCode::malformed},
           Row{folder.write("text", "not a BTF file, not at all"), ErrorCode::malformed},
           Row{folder.write("short", std::string("\x9f\xeb\x01\x00", 4)), ErrorCode::malformed},
           Row{"/proc/self/exe", ErrorCode::malformed},  // ELF without .BTF
       }) {
    const auto types = BtfTypes::open(row.path);
    ASSERT_FALSE(types.ok()) << row.path;
    EXPECT_EQ(word(types.error().code), word(row.code)) << row.path << describe(types.error());
  }
}

TEST(BtfTypes, OfRealKernels) {
  struct Row {
    const char *kernel, *function, *prototype;
  };
  for (const Row& row : {
           Row{"5.10", "do_sys_openat2", "long (int dfd, char * filename, struct open_how * how)"},
           Row{"6.1", "do_sys_openat2", "long (int dfd, char * filename, struct open_how * how)"},
           Row{"6.12", "do_sys_openat2", "long (int dfd, char * filename, struct open_how * how)"},
           Row{"6.1", "vfs_read",
               "ssize_t (struct file * file, char * buf, size_t count, loff_t * pos)"},
           Row{"5.10", "printk", "int (char * fmt, ...)"},
           Row{"6.12", "_printk", "int (char * fmt, ...)"},
           Row{"6.12", "hrtimer_init",
               "void (struct hrtimer * timer, clockid_t clock_id, enum hrtimer_mode mode)"},
       }) {
    const auto types = kernel(row.kernel);
    ASSERT_NE(types, nullptr);
    EXPECT_EQ(prototype(*types, row.function), row.prototype) << row.kernel;
  }
  for (const char* version : {"5.10", "6.1", "6.12"}) {
    const auto types = kernel(version);
    ASSERT_NE(types, nullptr);
    EXPECT_THAT(
        members(*types, "struct iphdr"),
        ElementsAre("ihl __u8@0:4", "version __u8@4:4", "tos __u8@8:0", "tot_len __be16@16:0",
                    "id __be16@32:0", "frag_off __be16@48:0", "ttl __u8@64:0", "protocol __u8@72:0",
                    "check __sum16@80:0", " union {...}@96:0"))
        << version;
    const auto modes = types->enumerators(*types->find("enum hrtimer_mode"));
    ASSERT_GE(modes.size(), 3u);
    EXPECT_EQ(modes[2], (decode::Enumerator{2, "HRTIMER_MODE_PINNED"})) << version;
    EXPECT_FALSE(types->describe(*types->find("u8")).is_char) << version;
    EXPECT_TRUE(types->describe(*types->find("char")).is_char) << version;
    EXPECT_TRUE(types->describe(*types->find("bool")).is_bool) << version;
    EXPECT_EQ(types->describe(*types->find("umode_t")).bytes, 2u) << version;
  }
  const auto types = kernel("6.1");
  ASSERT_TRUE(types->variable("cpu_number", ""));
  EXPECT_TRUE(types->variable("cpu_number", "")->per_cpu);
}

}  // namespace
}  // namespace kprobed::symbols
