// SPDX-License-Identifier: Apache-2.0
//
// Makes known kernel calls with known arguments, so that a test knows what must arrive. Static, no
// library calls between the announced ones but the syscalls themselves.
//
//   puppet open N PREFIX     openat(-100, "PREFIX<i>", i, 0) for i = 0..N-1: all fail with ENOENT
//   puppet dup3 N            dup3(-1 - i, i, 0x80000 | i): EBADF or EINVAL, three integer arguments
//   puppet spread N PREFIX   like open, alternately on CPU 0 and CPU 1
//   puppet comm NAME PATH    prctl(PR_SET_NAME, NAME), then one openat of PATH; again in a child
//   puppet path BYTES        openat of one path of BYTES bytes ("/xxx...": ENAMETOOLONG or ENOENT)
//   puppet flood SECONDS     dup3(-1, 0, 0) as fast as it goes; prints how often
//   puppet storm M N         puppet_storm.c: M processes fork N each, which live for less than a millisecond
//   puppet known NAME        puppet_calls.c: openat2, futex, task, syscalls, user; puppet_abi.c: abi
//   puppet patch FILE A B    writes B over every A in FILE; both have the same length
//   puppet rebuild FILE      gives an ELF file another build id
//   puppet limit PID R N     sets a limit of a process that runs: R is files, memory (what it may map) or locked
//                            (what it may lock), N a number or "max"
//   puppet unlocked CMD...   runs CMD without CAP_IPC_LOCK and with no memory to lock
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "puppet_calls.h"

static int usage(void) {
  fputs(
      "usage: puppet open|spread N PREFIX | dup3 N | comm NAME PATH | path BYTES | flood SECONDS\n"
      "              | storm MOTHERS CHILDREN | known NAME | patch FILE A B | rebuild FILE | limit PID files|memory|locked N|max\n"
      "              | unlocked CMD...\n",
      stderr);
  return 2;
}

void stay_on(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) perror("sched_setaffinity");
}

static int open_many(long n, const char* prefix, int spread) {
  char path[256];
  for (long i = 0; i < n; ++i) {
    if (spread) stay_on((int)(i % 2));
    snprintf(path, sizeof path, "%s%ld", prefix, i);
    syscall(SYS_openat, AT_FDCWD, path, (int)(i & O_ACCMODE), 0);
  }
  return 0;
}

static int flood(long seconds) {
  struct timespec now, end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += seconds;
  unsigned long calls = 0;
  do {
    for (int i = 0; i < 1000; ++i) syscall(SYS_dup3, -1, 0, 0);
    calls += 1000;
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
  printf("%lu\n", calls);
  return 0;
}

/// Calls `change(place, end)` for each byte of the file, and writes the file back. 0: something was changed.
static int rewrite(const char* path, int (*change)(char* place, const char* end, const char* a, const char* b),
                   const char* a, const char* b) {
  FILE* file = fopen(path, "r+");
  if (file == NULL) return 1;
  fseek(file, 0, SEEK_END);
  const long size = ftell(file);
  char* bytes = malloc((size_t)size);
  rewind(file);
  if (bytes == NULL || fread(bytes, 1, (size_t)size, file) != (size_t)size) return 1;
  int changed = 0;
  for (char* place = bytes; place < bytes + size; ++place) changed += change(place, bytes + size, a, b);
  rewind(file);
  if (fwrite(bytes, 1, (size_t)size, file) != (size_t)size || fflush(file) != 0) return 1;
  // Its signature is wrong now, which the kernel takes worse than none (include/linux/module_signature.h).
  static const char kMagic[] = "~Module signature appended~\n";
  const long magic = (long)sizeof kMagic - 1;
  if (size > magic + 12 && memcmp(bytes + size - magic, kMagic, (size_t)magic) == 0) {
    const unsigned char* length = (unsigned char*)bytes + size - magic - 4;
    const long signature = ((long)length[0] << 24) | (length[1] << 16) | (length[2] << 8) | length[3];
    if (ftruncate(fileno(file), size - magic - 12 - signature) != 0) return 1;
  }
  return fclose(file) != 0 || changed == 0;
}

static int replace(char* place, const char* end, const char* a, const char* b) {
  const size_t length = strlen(a);
  if ((size_t)(end - place) < length || memcmp(place, a, length) != 0) return 0;
  memcpy(place, b, length);
  return 1;
}

/// The note: name size 4, text size 20, type 3 (NT_GNU_BUILD_ID), "GNU", text.
static int other_build_id(char* place, const char* end, const char* a, const char* b) {
  (void)a, (void)b;
  static const char kHead[16] = "\4\0\0\0\24\0\0\0\3\0\0\0GNU";
  if (end - place < 36 || memcmp(place, kHead, sizeof kHead) != 0) return 0;
  ++place[16];
  return 1;
}

/// The soft limit, so that it can be raised again; the hard one only where it is below that (5.10 starts with
/// 64 KiB of memory to lock).
static int limit(pid_t pid, const char* resource, const char* number) {
  const int which = strcmp(resource, "files") == 0    ? RLIMIT_NOFILE
                    : strcmp(resource, "memory") == 0 ? RLIMIT_AS
                                                      : RLIMIT_MEMLOCK;
  struct rlimit now;
  if (prlimit(pid, which, NULL, &now) != 0) return 1;
  now.rlim_cur = strcmp(number, "max") == 0 ? now.rlim_max : (rlim_t)atol(number);
  if (now.rlim_cur > now.rlim_max) now.rlim_max = now.rlim_cur;
  return prlimit(pid, which, &now, NULL) != 0;
}

static int unlocked(char** command) {
  if (prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK) != 0 || limit(getpid(), "locked", "0") != 0) return 1;
  execvp(command[0], command);
  return 127;
}

int main(int argc, char** argv) {
  if (argc < 3) return usage();
  const char* what = argv[1];
  if (argc == 4 && (!strcmp(what, "open") || !strcmp(what, "spread"))) {
    return open_many(atol(argv[2]), argv[3], what[0] == 's');
  }
  if (!strcmp(what, "dup3")) {
    for (long i = 0; i < atol(argv[2]); ++i) syscall(SYS_dup3, (int)(-1 - i), (int)i, (int)(0x80000 | i));
    return 0;
  }
  if (argc == 5 && !strcmp(what, "patch") && strlen(argv[3]) == strlen(argv[4])) {
    return rewrite(argv[2], replace, argv[3], argv[4]);
  }
  if (argc == 5 && !strcmp(what, "limit")) return limit((pid_t)atol(argv[2]), argv[3], argv[4]);
  if (!strcmp(what, "unlocked")) return unlocked(argv + 2);
  if (!strcmp(what, "rebuild")) return rewrite(argv[2], other_build_id, NULL, NULL);
  if (argc == 4 && !strcmp(what, "comm")) {
    prctl(PR_SET_NAME, argv[2]);
    syscall(SYS_openat, AT_FDCWD, argv[3], 0, 0);
    const pid_t child = fork();
    if (child == 0) {
      syscall(SYS_openat, AT_FDCWD, argv[3], 0, 0);
      _exit(0);
    }
    waitpid(child, NULL, 0);
    return 0;
  }
  if (!strcmp(what, "path")) {
    const long bytes = atol(argv[2]);
    char* path = malloc((size_t)bytes + 1);
    memset(path, 'x', (size_t)bytes);
    path[0] = '/';
    path[bytes] = '\0';
    syscall(SYS_openat, AT_FDCWD, path, 0, 0);
    return 0;
  }
  if (!strcmp(what, "flood")) return flood(atol(argv[2]));
  if (argc == 4 && !strcmp(what, "storm")) return fork_storm((unsigned)atol(argv[2]), atol(argv[3]));
  if (!strcmp(what, "known")) {
    // On one CPU: the kernel's trace file has no order across CPUs that these calls could be held to. (For "task"
    // that would be a call too many.)
    if (argv[2] != NULL && strcmp(argv[2], "task") != 0) stay_on(0);
    if (make_known_calls(argv[2]) == 0) return 0;
  }
  return usage();
}
