// SPDX-License-Identifier: GPL-2.0
//
// Takes every event id that the kernel has left (16 bits, TRACE_EVENT_TYPE_MAX in kernel/trace/trace_output.c), and
// gives them back when it is unloaded.
#include <linux/init.h>
#include <linux/module.h>
#include <linux/trace_events.h>
#include <linux/vmalloc.h>

#define MOST (1 << 16)

static struct trace_event_functions functions;
static struct trace_event *events;
static unsigned int taken;

static int __init event_ids_init(void) {
  events = vzalloc(MOST * sizeof(*events));
  if (!events) return -ENOMEM;
  for (; taken < MOST; ++taken) {
    events[taken].funcs = &functions;
    if (!register_trace_event(&events[taken])) break;
  }
  pr_info("event_ids: %u taken\n", taken);
  return 0;
}

static void __exit event_ids_exit(void) {
  while (taken) unregister_trace_event(&events[--taken]);
  vfree(events);
}

module_init(event_ids_init);
module_exit(event_ids_exit);
MODULE_LICENSE("GPL");
