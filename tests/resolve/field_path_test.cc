// SPDX-License-Identifier: Apache-2.0
#include "resolve/field_path.h"

#include "typed_kernel.h"

namespace kprobed::resolve {
namespace {

TEST(FieldPath, BecomesOffsetsAndDereferences) {
  const FakeKernel kernel = typed_kernel();
  struct Row {
    std::string_view text, argument;
  };
  for (const Row& row : {
           Row{"p do_sys_openat2 how->flags", "flags=+0(%dx):u64 u (u64)"},
           Row{"p do_sys_openat2 how->resolve", "resolve=+16(%dx):u64 u (u64)"},
           Row{"p do_sys_openat2 a3->mode", "mode=+8(%dx):u64 u (u64)"},
           Row{"p do_sys_openat2 $arg3->mode", "mode=+8($arg3):u64 u (u64)"},
           Row{"p do_sys_openat2 how->mode:x32", "mode=+8(%dx):x32 x (u64)"},
           Row{"p do_sys_openat2 how[2].mode", "mode=+56(%dx):u64 u (u64)"},
           // Structures in structures: offsets add up. Pointers: dereferences.
           Row{"p get_file file->f_path.dentry", "dentry=+16(%di):x64 x (struct dentry *)"},
           Row{"p get_file file->f_path.dentry->d_inode->i_ino",
               "i_ino=+8(+32(+16(%di))):u64 u (u64)"},
           Row{"p get_file file->f_inode->i_mode", "i_mode=+0(+24(%di)):u16 u (umode_t)"},
           // Anonymous structures and unions belong to the outer one.
           Row{"p get_file file->f_path.dentry->seq", "seq=+8(+16(%di)):s32 s (int)"},
           Row{"p get_file file->f_path.dentry->d_name.hash_len",
               "hash_len=+16(+16(%di)):u64 u (u64)"},
           Row{"p get_file file->f_pos", "f_pos=+48(%di):u64 u (u64)"},
           Row{"p get_file file->f_halves[1]", "f_halves_1=+52(%di):u32 u (u32)"},
           // Text, arrays, enumerations, functions.
           Row{"p get_file file->f_tag", "f_tag=+56(%di):u8[16] text{16} (char[16])"},
           Row{"p get_file file->f_long", "f_long=+72(%di):u64[13] text{100} (char[100])"},
           Row{"p get_file file->f_huge", "f_huge=+172(%di):string text (char[600])"},
           Row{"p get_file file->f_tag:string", "f_tag=+56(%di):string text (char[16])"},
           Row{"p get_file file->f_tag[3]", "f_tag_3=+59(%di):char char (char)"},
           Row{"p get_file file->f_ports", "f_ports=+772(%di):u16[3] u[3] (u16[3])"},
           Row{"p get_file file->f_ports[2]", "f_ports_2=+776(%di):u16 u (u16)"},
           Row{"p get_file file->f_many", "f_many=+780(%di):u32[64] u[64] (u32[80])"},
           Row{"p get_file file->f_paths[1].dentry", "dentry=+1128(%di):x64 x (struct dentry *)"},
           Row{"p get_file file->f_vector[1].dentry",
               "dentry=+24(+1136(%di)):x64 x (struct dentry *)"},
           Row{"p get_file file->f_inodes", "f_inodes=+1144(%di):x64[4] x[4] (struct inode *[4])"},
           Row{"p get_file file->f_inodes[1]->i_ino", "i_ino=+8(+1152(%di)):u64 u (u64)"},
           Row{"p get_file file->f_letter", "f_letter=+1176(%di):char char (char)"},
           Row{"p get_file file->f_names[1]", "f_names_1=+0(+1192(%di)):string text (char *)"},
           Row{"p get_file file->f_names:string[2]",
               "f_names=+1184(%di):string[2] text[2] (char *[2])"},
           Row{"p get_file file->f_states", "f_states=+1200(%di):s32[2] enum[2] (enum state[2])"},
           Row{"p get_file file->f_tail", "f_tail=+1224(%di):string text (char[])"},
           Row{"p get_file file->f_op->read", "read=+0(+32(%di)):symbol symbol (void (*)(...))"},
           Row{"p walk ports->numbers[2]", "numbers_2=+8(%si):u16 u (u16)"},
           Row{"p walk ports->numbers:u16[2]", "numbers=+4(%si):u16[2] u[2] (u16[])"},
           // Bit-fields: the smallest container.
           Row{"p get_file file->f_mode", "f_mode=+4(%di):b4@0/8 u (u32)"},
           Row{"p get_file file->f_write", "f_write=+4(%di):b1@4/8 u (u32)"},
           Row{"p get_file file->f_level", "f_level=+4(%di):b3@5/8 u (int)"},
           Row{"p get_file file->f_open", "f_open=+5(%di):b1@0/8 bool (bool)"},
           Row{"p get_file file->f_whence", "f_whence=+5(%di):b2@1/8 enum (enum whence)"},
           // More around it.
           Row{"p get_file x=+8(file->f_inode)", "x=+8(+24(%di)):x64 x"},
           Row{"p get_file x=+8(file->f_inode):u64", "x=+8(+24(%di)):u64 u"},
           Row{"p get_file x=+0(file->private_data):string", "x=+0(+40(%di)):string text"},
           Row{"p get_file file->private_data:string",
               "private_data=+0(+40(%di)):string text (void *)"},
           Row{"p get_file file->f_inode:u8[4]",
               "f_inode=+0(+24(%di)):u8[4] u[4] (struct inode *)"},
           Row{"p get_file file->f_path:x64", "f_path=+8(%di):x64 x (struct path)"},
           Row{"r get_file rv->f_flags", "f_flags=+0($retval):u32 u (u32)"},
           Row{"r get_file $retval->f_inode->i_ino", "i_ino=+8(+24($retval)):u64 u (u64)"},
       }) {
    EXPECT_EQ(argument_of(row.text, kernel), row.argument) << row.text;
  }
}

TEST(FieldPath, RemarksWhatIsNotAllOfIt) {
  const FakeKernel kernel = typed_kernel();
  struct Row {
    std::string_view text, remarks, says;
  };
  for (const Row& row : {
           Row{"p get_file file->f_many", "cut", "the first 64 of 80 elements"},
           Row{"p get_file file->f_level", "unsigned", "'f_level' is a signed bit-field"},
           Row{"p get_file file->f_open", "", ""},
       }) {
    EXPECT_EQ(remarks_of(row.text, kernel), row.remarks) << row.text;
    auto probe = resolve_text(row.text, kernel);
    ASSERT_TRUE(probe.ok()) << render(probe.error());
    for (const Remark& remark : probe->remarks) {
      EXPECT_NE(remark.message.find(row.says), std::string::npos) << remark.message;
    }
  }
}

TEST(FieldPath, NamesTheValuesOfEnumerations) {
  const FakeKernel kernel = typed_kernel();
  auto probe = resolve_text("p get_file state file->f_whence", kernel);
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  const decode::ValueShape& state = probe->args[0].shape;
  ASSERT_NE(state.enumerators, nullptr);
  EXPECT_TRUE(state.is_signed);
  EXPECT_EQ(state.enumerators->at(0), (decode::Enumerator{-1, "DEAD"}));
  EXPECT_EQ(state.enumerators->at(2), (decode::Enumerator{5, "LIVE"}));
  const decode::ValueShape& whence = probe->args[1].shape;
  ASSERT_NE(whence.enumerators, nullptr);
  EXPECT_FALSE(whence.is_signed);
  EXPECT_EQ(whence.enumerators->size(), 3u);
}

TEST(FieldPath, IsRefusedAtTheStepThatIsWrong) {
  const FakeKernel kernel = typed_kernel();
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"p do_sys_openat2 how^.flags", wrong_place, ".flags",
                   "'how' is a pointer, struct open_how *", "write ->flags"},
           Refusal{"p get_file file->f_path^->dentry", wrong_place, "->dentry",
                   "'file->f_path' is struct path itself", "write .dentry"},
           Refusal{"p do_sys_openat2 how^->flag", not_found, "->flag",
                   "struct open_how has no field 'flag'",
                   "did you mean 'flags'? its fields are flags, mode, resolve"},
           Refusal{"p get_file file->f_path.dentry^->d_nam", not_found, "->d_nam",
                   "struct dentry has no field", "'d_name'"},
           // sk_state is a macro for __sk_common.skc_state.
           Refusal{"p get_file file^->mnt", not_found, "->mnt", "struct file has no field 'mnt'",
                   "did you mean 'f_path.mnt'?"},
           Refusal{"p get_file file^->zzz", not_found, "->zzz", "",
                   "its fields are f_flags, f_mode"},
           Refusal{"p do_sys_openat2 dfd^->x", wrong_place, "->x", "'dfd' is int, which has no"},
           Refusal{"p do_sys_openat2 how->flags^.x", wrong_place, ".x",
                   "'how->flags' is u64, which has no fields"},
           Refusal{"p do_sys_openat2 dfd^[1]", wrong_place, "[1]", "no array and no pointer"},
           Refusal{"p get_file file->f_ports^[3]", bad_number, "[3]", "its elements are 0 to 2"},
           Refusal{"p get_file file->f_paths^.dentry", wrong_place, ".dentry", "is an array",
                   "file->f_paths[0]"},
           Refusal{"p get_file file->private_data^->x", unsupported, "->x",
                   "BTF does not say what that points to", "+8(file->private_data)"},
           Refusal{"p get_file file->f_secret^->x", unsupported, "->x", "struct secret *"},
           Refusal{"p get_file file->private_data^[1]", unsupported, "[1]", "void *"},
           Refusal{"p by_value pair^.first", unsupported, ".first", "passed by value", "pair:x64"},
           Refusal{"p get_file ^file->f_path", wrong_place, "file->f_path",
                   "struct path is not one value", "its fields are mnt, dentry"},
           Refusal{"p get_file ^file->f_paths", wrong_place, "file->f_paths",
                   "struct path[2] is not one value", "[N]"},
           Refusal{"p walk ^ports->numbers", wrong_place, "ports->numbers",
                   "u16[] does not say how many there are", "[N]"},
           Refusal{"p get_file ^file->f_ratio", unsupported, "file->f_ratio", "floating point"},
           Refusal{"p get_file file->f_mode:^u8", wrong_place, "u8", "bit-field has no address"},
           Refusal{"p get_file ^x=+0(file->f_mode)", wrong_place, "x=+0(file->f_mode)",
                   "bit-field has no address"},
           Refusal{"p do_sys_openat2 ^a9->x", not_found, "a9", "no parameter of do_sys_openat2("},
           Refusal{"r nothing ^rv->x", unsupported, "rv", "'nothing' returns is not known"},
       }) {
    expect_refusal(row, kernel);
  }
}

TEST(FieldPath, CountsBitsFromTheOtherEndOnBigEndianMachines) {
  const FakeKernel kernel = typed_kernel();
  struct Row {
    std::uint32_t begin, width;
    probespec::BitField little, big;
    std::int64_t offset;  ///< of the container in the structure
  };
  for (const Row& row : {
           Row{0, 1, {1, 0, 8}, {1, 7, 8}, 0},
           Row{3, 5, {5, 3, 8}, {5, 0, 8}, 0},
           Row{13, 2, {2, 5, 8}, {2, 1, 8}, 1},
           Row{6, 4, {4, 6, 16}, {4, 6, 16}, 0},
           Row{12, 8, {8, 12, 32}, {8, 12, 32}, 0},
           Row{28, 8, {8, 28, 64}, {8, 28, 64}, 0},
           Row{60, 8, {8, 4, 16}, {8, 4, 16}, 7},  // packed: no container at a multiple of its size
           Row{0, 64, {64, 0, 64}, {64, 0, 64}, 0},
       }) {
    for (const ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
      TypedPlace place;
      place.bit_offset = row.begin;
      place.bit_width = row.width;
      const auto bits = enter_bit_field(place, order);
      ASSERT_TRUE(bits) << row.begin;
      EXPECT_EQ(*bits, order == ByteOrder::little ? row.little : row.big) << row.begin;
      EXPECT_EQ(place.at.offset, row.offset) << row.begin;
    }
  }
  TypedPlace place;
  place.bit_offset = 1;
  place.bit_width = 64;
  EXPECT_EQ(enter_bit_field(place, ByteOrder::little), std::nullopt);
}

TEST(FieldPath, FollowsNoMorePointersThanTheKernel) {
  const FakeKernel kernel = typed_kernel();
  const auto path = [](int pointers, std::string_view last) {
    std::string text = "node";
    for (int i = 0; i < pointers; ++i) text += "->next";
    return text + std::string(last);
  };
  // 14 dereferences, and 63 bytes, are both the most there can be.
  EXPECT_EQ(argument_of("p walk " + path(13, "->value"), kernel),
            "value=+8(+0(+0(+0(+0(+0(+0(+0(+0(+0(+0(+0(+0(+0(%di)))))))))))))):u64 u (u64)");
  const std::string deeper = path(14, "->value");
  expect_refusal({"p walk ^" + deeper, ErrorCode::too_long, deeper, "more pointers than it can"},
                 kernel);
  const std::string longer = path(12, "[100].value");
  expect_refusal({"p walk ^" + longer + ":string", ErrorCode::too_long, longer + ":string",
                  "bytes; it takes 63"},
                 kernel);
}

}  // namespace
}  // namespace kprobed::resolve
