// SPDX-License-Identifier: Apache-2.0
//
// A kernel with BTF for the tests of arguments, and the way from a spec to what becomes of its
// arguments.
#pragma once

#include <string>
#include <string_view>

#include "fake_kernel.h"
#include "fake_types.h"
#include "resolve_test_support.h"

namespace kprobed::resolve {

inline const FakeTypes& kernel_types() {
  static const FakeTypes types(R"(
    typedef unsigned short umode_t;
    typedef int pid_t;
    typedef unsigned long size_t;
    enum whence { SET, CUR, END };
    enum state { DEAD = -1, NEW, LIVE = 5, ALIVE = 5 };
    struct open_how { u64 flags; u64 mode; u64 resolve; };
    struct qstr { u64 hash_len; const unsigned char *name; };
    struct dentry { u32 d_flags; struct { int seq; struct qstr d_name; }; struct inode *d_inode; char d_iname[40]; };
    struct path { void *mnt; struct dentry *dentry; };
    struct inode { umode_t i_mode; u16 i_opflags; u32 i_uid; u64 i_ino; long i_size; };
    struct file_operations { long (*read)(int fd); void (*release)(void); };
    struct file {
      u32 f_flags;
      u32 f_mode : 4;
      u32 f_write : 1;
      int f_level : 3;
      bool f_open : 1;
      enum whence f_whence : 2;
      struct path f_path;
      struct inode *f_inode;
      const struct file_operations *f_op;
      void *private_data;
      union { u64 f_pos; u32 f_halves[2]; };
      char f_tag[16];
      char f_long[100];
      char f_huge[600];
      u16 f_ports[3];
      u32 f_many[80];
      struct path f_paths[2];
      struct path *f_vector;
      struct inode *f_inodes[4];
      char f_letter;
      char *f_names[2];
      enum state f_states[2];
      double f_ratio;
      struct secret *f_secret;
      char f_tail[];
    };
    struct pair { u64 first; u32 second; };
    struct wide { u64 words[3]; };
    struct node { struct node *next; u64 value; };
    struct ports { u32 count; u16 numbers[]; };
    struct sk_buff { u32 len; u8 *data; };

    long do_sys_openat2(int dfd, const char *filename, struct open_how *how);
    struct file *get_file(struct file *file, umode_t mode, bool wait, char letter, enum state state,
                          void (*done)(int), u64 seventh, u8 *bytes, unsigned long address);
    int by_value(u64 before, struct pair pair, int behind, struct wide wide, double ratio, int last);
    int print(int level, ...);
    int wide(int fd, u64 length, int small, u64 last);
    int walk(struct node *node, struct ports *ports, u32 (*grid)(int));
    void nothing(void);
    int shadow(int a1, int m0, int rv, int plain);
    int unnamed(int, char *);
    int dummy_xmit(struct sk_buff *skb, int queue);
    void __probestub_sched_switch(void *data, bool preempt, struct file *prev);
    void __traceiter_old_event(void *data, int value);
    double ratio(int x);

    unsigned long jiffies;
    char linux_banner[];
    char *command_line;
    struct path root;
    percpu int runs;
    percpu int queue_length;
  )");
  return types;
}

inline FakeKernel typed_kernel() {
  FakeKernel kernel(
      "0000000000000000 A __per_cpu_start\n"
      "0000000000001000 A runs\n"
      "0000000000002000 A __per_cpu_end\n"
      "ffffffff81000000 T _stext\n"
      "ffffffff81000100 T do_sys_openat2\n"
      "ffffffff81000200 T get_file\n"
      "ffffffff81000300 T by_value\n"
      "ffffffff81000400 T nothing\n"
      "ffffffff81000500 T shadow\n"
      "ffffffff81000600 T unnamed\n"
      "ffffffff81000680 T walk\n"
      "ffffffff810006c0 T wide\n"
      "ffffffff810006e0 T print\n"
      "ffffffff81000700 T assembly\n"
      "ffffffff81000780 T get_file.isra.0\n"
      "ffffffff81000800 T __x64_sys_openat\n"
      "ffffffff81000900 T __x64_sys_openat2\n"
      "ffffffff81000a00 T __x64_sys_strange\n"
      "ffffffff81000b00 T ratio\n"
      "ffffffff81000c00 T __traceiter_sched_switch\n"
      "ffffffff81000d00 T __traceiter_old_event\n"
      "ffffffff81000e00 T __traceiter_secret\n"
      "ffffffff81001000 T _etext\n"
      "ffffffff82000000 D jiffies\n"
      "ffffffff82000100 R linux_banner\n"
      "ffffffff82000200 D command_line\n"
      "ffffffff82000300 D root\n"
      "ffffffffc0000000 t dummy_xmit\t[dummy]\n");
  kernel.type_view = &kernel_types();
  kernel.syscalls["openat"] = {
      {"dfd", "int"}, {"filename", "const char *"}, {"flags", "int"}, {"mode", "umode_t"}};
  kernel.syscalls["openat2"] = {{"dfd", "int"},
                                {"filename", "const char *"},
                                {"how", "struct open_how *"},
                                {"usize", "size_t"}};
  return kernel;
}

/// "a1=%di:x64 b=+0(%si):string" of the arguments, in the words of the kernel; or the error.
inline std::string arguments_of(std::string_view text, const KernelView& kernel) {
  auto probe = resolve_text(text, kernel);
  if (!probe.ok()) return render(probe.error());
  std::string words;
  for (const ResolvedArg& arg : probe->args) {
    words += (words.empty() ? "" : " ") + arg.kernel_name + "=" + arg.fetch;
    if (!arg.kernel_type.empty()) words += ":" + arg.kernel_type;
  }
  return words;
}

/// How the value is shown: "u", "s", "x", "text", "char", "bool", "symbol", "enum", with "[N]" for
/// an array and "{N}" for bounded text.
inline std::string shown(const decode::ValueShape& shape) {
  static constexpr const char* kWords[] = {"u", "s", "x", "text", "char", "bool", "symbol", "enum"};
  std::string words = kWords[static_cast<std::size_t>(shape.show)];
  if (shape.text_bytes != 0) words += "{" + std::to_string(shape.text_bytes) + "}";
  if (shape.count != 0) words += "[" + std::to_string(shape.count) + "]";
  if (shape.dynamic) words += "[]";
  return words;
}

/// The single argument of a spec, its shape and C type: "dfd=%di:s32 s (int)"; or the error.
inline std::string argument_of(std::string_view text, const KernelView& kernel) {
  auto probe = resolve_text(text, kernel);
  if (!probe.ok()) return render(probe.error());
  if (probe->args.size() != 1) return "not one argument";
  const ResolvedArg& arg = probe->args[0];
  std::string words = arg.name + "=" + arg.fetch + ":" + arg.kernel_type + " " + shown(arg.shape);
  if (!arg.c_type.empty()) words += " (" + arg.c_type + ")";
  return words;
}

}  // namespace kprobed::resolve
