// SPDX-License-Identifier: Apache-2.0
//
// Calls whose every argument is known beforehand (scripts/language/*.py has the same numbers, those
// of x86-64). All run on CPU 0, in the order written here; most of them fail, which changes nothing
// in the machine.
#define _GNU_SOURCE
#include "puppet_calls.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Nothing is ever there: no canonical address, the kernel's last two MiB, and the first page.
#define NOT_CANONICAL UINT64_C(0xdead000000000000)
#define KERNEL_HOLE UINT64_C(0xffffffffffe00000)
#define FIRST_PAGE UINT64_C(8)

static void openat2_with(int dfd, const char* path, uint64_t flags, uint64_t mode,
                         uint64_t resolve) {
  // O_PATH in every row: without it a 64-bit kernel adds O_LARGEFILE to the flags.
  struct open_how how = {.flags = flags | O_PATH, .mode = mode, .resolve = resolve};
  syscall(SYS_openat2, dfd, path, &how, sizeof how);
}

static void openat2_calls(void) {
  char path[301];
  memset(path, 'x', sizeof path - 1);
  path[0] = '/';
  path[sizeof path - 1] = '\0';
  openat2_with(AT_FDCWD, "/puppet/one", 0, 0, 0);  // ENOENT
  openat2_with(INT32_MIN, "/puppet/two", UINT64_C(1) << 63, UINT64_C(1) << 63,
               UINT64_MAX);                                // EINVAL
  openat2_with(INT32_MAX, "", UINT64_MAX, UINT64_MAX, 1);  // EINVAL
  openat2_with(3,
               "/bad/\xff\xfe\x80"
               "end",
               0, 0, 0);                                             // ENOENT
  openat2_with(7, path, 0, 0, 0);                                    // ENAMETOOLONG
  openat2_with(-5, NULL, 0, 0, 0);                                   // EFAULT
  openat2_with(-6, (const char*)(uintptr_t)NOT_CANONICAL, 0, 0, 0);  // EFAULT
  // This one never reaches do_sys_openat2: the kernel cannot read `how`.
  syscall(SYS_openat2, 9, "/puppet/badhow", (void*)(uintptr_t)FIRST_PAGE, sizeof(struct open_how));
}

// What do_futex's pointer points to, at an address that the table knows.
struct known_memory {
  uint64_t text;       // 0: address of known_text
  uint64_t number;     // 8
  int32_t negative;    // 16
  int16_t small;       // 20
  int8_t tiny;         // 22
  uint8_t big;         // 23
  uint64_t names[2];   // 24: addresses of known_text and second_text
  uint64_t broken[2];  // 40: the first is good
  uint64_t code;       // 56
  char known_text[32];
  char second_text[16];
  char empty_text[16];
  char letters[32];  // exactly 26 letters and a NUL
};
#define KNOWN ((struct known_memory*)0x10000000)

static void futex(uint64_t address, uint32_t val) {
  // Refused at once: a negative count. Nothing behind `address` is touched by the call itself.
  syscall(SYS_futex, (uintptr_t)address, FUTEX_REQUEUE, val, 0x80000002UL, &KNOWN->second_text,
          0xfffffffeU);
}

static void futex_calls(void) {
  if (mmap(KNOWN, sizeof *KNOWN, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != KNOWN) {
    perror("mmap");
    return;
  }
  *KNOWN = (struct known_memory){
      .text = (uintptr_t)KNOWN->known_text,
      .number = 0x8877665544332211,
      .negative = -5,
      .small = -2,
      .tiny = -1,
      .big = 200,
      .names = {(uintptr_t)KNOWN->known_text, (uintptr_t)KNOWN->second_text},
      .broken = {(uintptr_t)KNOWN->known_text, FIRST_PAGE},
      .code = NOT_CANONICAL,
      .known_text = "known text",
      .second_text = "second",
      .letters = "abcdefghijklmnopqrstuvwxyz",
  };
  // A good call before each bad one: what a fault must not show is the good one's bytes.
  static const uint64_t bad[] = {0, NOT_CANONICAL, KERNEL_HOLE};
  for (uint32_t i = 0; i < 3; ++i) {
    futex((uintptr_t)KNOWN, 0x80000001);
    futex(bad[i], 0x80000003);
  }
}

static void task_calls(void) {
  const struct rlimit files = {123, 456};
  setrlimit(RLIMIT_NOFILE, &files);
  prctl(PR_SET_NAME, "fifteen-bytes-x");
  const unsigned long cpus[2] = {3, 0};
  syscall(SYS_sched_setaffinity, 0, sizeof cpus, cpus);

  setpriority(PRIO_PROCESS, 0, 1);
  prctl(PR_SET_NAME, "");
  setpriority(PRIO_PROCESS, 0, 2);
  prctl(PR_SET_NAME, "fifteen-bytes-x");
  const struct sched_param none = {0};
  sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &none);
  setpriority(PRIO_PROCESS, 0, -3);
  // struct sched_attr, whose header cannot stand beside <sched.h>.
  struct {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
  } attr = {.size = sizeof attr,
            .policy = SCHED_BATCH,
            .flags = 1,  // SCHED_FLAG_RESET_ON_FORK
            .nice = -7,
            .runtime = UINT64_C(1) << 63,
            .deadline = UINT64_MAX};
  syscall(SYS_sched_setattr, 0, &attr, 0);

  const struct timespec long_ago = {1, 234}, moment = {0, 5};
  syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &long_ago, NULL);
  syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &moment, NULL);

  // As the kernel wants it, which is not as the C library has it.
  const struct {
    uint64_t handler, flags, restorer, mask;
  } action = {0x1234560, 0x14000000, 0x7654320, 0x8000000000000001};
  syscall(SYS_rt_sigaction, 12, &action, NULL, sizeof action.mask);

  char bytes[7];
  const int fd = open("/tmp/puppet-file", O_RDWR | O_CREAT | O_TRUNC, 0640);
  if (write(fd, "thirty-seven bytes stand in this file", 37) != 37) perror("write");
  if (pread(fd, bytes, sizeof bytes, 5) != sizeof bytes) perror("pread");
  close(fd);
  unlink("/tmp/puppet-file");
}

static void syscall_calls(void) {
  syscall(SYS_dup3, -1, 5, 0x80001);
#ifdef SYS_dup2
  syscall(SYS_dup2, -2, 6);
#endif
  syscall(SYS_dup, -3);
  // dup3 takes three; the other registers hold what they hold.
  syscall(SYS_dup3, UINT64_MAX, UINT64_C(1) << 63, 3UL, 4UL, 5UL, 6UL);
  struct statfs about;
  statfs("/", &about);
  syscall(SYS_openat, AT_FDCWD, "/puppet/openat", O_RDONLY | O_DIRECTORY, 0);
  prctl(PR_SET_NAME, "renamed-puppet");
}

// Functions of a program, for uprobes. noipa: called as the ABI says, whatever the compiler knows.
#define KEEP __attribute__((noipa, used))

KEEP int puppet_eight(int a, unsigned b, int64_t c, uint64_t d, const char* e, const char* f,
                      int64_t g, unsigned short h) {
  (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
  return a * 2;
}

// As a program with static tracepoints has it: tracers count themselves in.
__attribute__((section(".data"))) volatile unsigned short puppet_counter = 0;

KEEP int puppet_counted(int tracers) { return tracers; }

static void user_calls(void) {
  puppet_eight(-5, 4000000000U, INT64_MIN, UINT64_MAX, "plain text", "", -6000000000, 65535);
  puppet_eight(0, 0, INT64_MAX, 1, "\xc3\xa9t\xc3\xa9", (const char*)(uintptr_t)FIRST_PAGE, 6, 7);
  puppet_counted(puppet_counter);
}

int make_known_calls(const char* what) {
  static const struct {
    const char* what;
    void (*make)(void);
  } all[] = {
      {"openat2", openat2_calls},  {"futex", futex_calls}, {"task", task_calls},
      {"syscalls", syscall_calls}, {"user", user_calls},   {"abi", abi_calls},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
    if (strcmp(all[i].what, what) != 0) continue;
    // One CPU, so that the next record is written where the last one was.
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    if (sched_setaffinity(0, sizeof first, &first) != 0) perror("sched_setaffinity");
    all[i].make();
    return 0;
  }
  return -1;
}
