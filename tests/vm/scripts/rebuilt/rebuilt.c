// SPDX-License-Identifier: GPL-2.0
//
// A module in three builds: in the second `wanted` lies elsewhere, in the third there is none. Its function is called
// when it is loaded, and at each write to its parameter `call`.
#include <linux/init.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

struct rebuilt_part {
#if BUILD == 2
  long padding[3];
#endif
#if BUILD != 3
  int wanted;
#endif
  int other;
};

noinline int rebuilt_call(struct rebuilt_part *part);
noinline int rebuilt_call(struct rebuilt_part *part) {
  barrier();
  return part->other;
}

static int call(const char *value, const struct kernel_param *param) {
  struct rebuilt_part part = {.other = 77};
#if BUILD != 3
  part.wanted = 1000 * BUILD;
#endif
  barrier_data(&part);
  return rebuilt_call(&part) == 77 ? 0 : -EINVAL;
}
static const struct kernel_param_ops call_ops = {.set = call};
module_param_cb(call, &call_ops, NULL, 0200);

static int __init rebuilt_init(void) { return call("", NULL); }
module_init(rebuilt_init);

static void __exit rebuilt_exit(void) {}
module_exit(rebuilt_exit);

MODULE_DESCRIPTION("kprobed's test of a module that is rebuilt");
MODULE_LICENSE("GPL");
