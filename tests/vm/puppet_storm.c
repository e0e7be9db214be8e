// SPDX-License-Identifier: Apache-2.0
//
// Processes that live for less than a millisecond and rename themselves, whose calls say what they were called. The
// call is fchown(-1, KPROBED_STORM_MARK + MOTHER, 4 * N + MOMENT), made by
//
//   m<MOTHER>.<N>   moment 0: the child N of a mother, under the name that it has from her
//   c<MOTHER>.<N>   moment 1: the child, with a name of its own; moment 2: a child of this one
//   g<MOTHER>.<N>   moment 3: that one, with a name of its own
//
// Every third child moves to the other CPU first, every fourth has a child. The last two mothers give each child the
// number of the one before.
#define _GNU_SOURCE
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "puppet_calls.h"

enum { kMark = 0x6b700000, kAtATime = 8 };
enum moment { inherited, renamed, grandchild, grandchild_renamed, kMoments };

static void take_name(char kind, unsigned mother, long n) {
  char name[48];
  snprintf(name, sizeof name, "%c%u.%ld", kind, mother, n);
  prctl(PR_SET_NAME, name);
}

static void hit(unsigned mother, long n, enum moment moment) {
  syscall(SYS_fchown, -1, kMark + mother, n * kMoments + (long)moment);
}

/// A child that gets the number `tid`, if that is not 0, and free.
static pid_t fork_as(pid_t tid) {
  struct clone_args args = {.exit_signal = SIGCHLD};
  if (tid > 0) {
    args.set_tid = (uintptr_t)&tid;
    args.set_tid_size = 1;
  }
  const long child = syscall(SYS_clone3, &args, sizeof args);
  return child < 0 && tid > 0 ? fork_as(0) : (pid_t)child;
}

static void live(unsigned mother, long n) {
  if (n % 3 == 1) stay_on((int)(mother + 1) % 2);
  hit(mother, n, inherited);
  take_name('c', mother, n);
  hit(mother, n, renamed);
  if (n % 4 == 0) {
    if (fork_as(0) == 0) {
      hit(mother, n, grandchild);
      take_name('g', mother, n);
      hit(mother, n, grandchild_renamed);
      _exit(0);
    }
    waitpid(-1, NULL, 0);
  }
  _exit(0);
}

static void be_mother(unsigned mother, long children, int reuses) {
  stay_on((int)mother % 2);
  pid_t last = 0;
  long alive = 0;
  for (long n = 0; n < children; ++n) {
    take_name('m', mother, n);
    const pid_t child = fork_as(reuses ? last : 0);
    if (child == 0) live(mother, n);
    if (child < 0) _exit(1);
    last = child;
    ++alive;
    if (reuses || alive >= kAtATime) {
      for (; alive > 0; --alive) waitpid(-1, NULL, 0);
    }
  }
  while (waitpid(-1, NULL, 0) > 0) {
  }
  _exit(0);
}

int fork_storm(unsigned mothers, long children) {
  for (unsigned mother = 0; mother < mothers; ++mother) {
    if (fork() == 0) be_mother(mother, children, mother + 2 >= mothers);
  }
  int failed = 0, status = 0;
  while (waitpid(-1, &status, 0) > 0) failed |= status;
  return failed != 0;
}
