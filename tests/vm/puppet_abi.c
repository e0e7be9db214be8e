// SPDX-License-Identifier: Apache-2.0
//
// Calls that mean the same on every architecture: more arguments than registers, negative values,
// 64 bits on machines of 32, texts in user and kernel memory. scripts/arch/table.py has what each
// passes. Most of them fail, which changes nothing in the machine.
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "puppet_calls.h"

// do_sys_ftruncate(fd, length, small)
static void truncate_calls(void) {
  if (ftruncate(-7, -5000000000) == 0) puts("ftruncate succeeded");
  if (ftruncate(-8, INT64_MIN) == 0) puts("ftruncate succeeded");
}

// vm_mmap_pgoff(file, addr, len, prot, flags, pgoff)
static void mmap_calls(int fd) {
  mmap((void*)0x20000000, 0x30000, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 5 * sysconf(_SC_PAGESIZE));
}

// vfs_truncate(path, length), vfs_fallocate(file, mode, offset, len), generic_fadvise(file, offset, len, advice),
// shmem_file_llseek(file, offset, whence), sync_file_range(file, offset, nbytes, flags)
static void file_calls(void) {
  const int fd = open("/tmp/puppet-file", O_RDWR | O_CREAT | O_TRUNC, 0600);
  fallocate(fd, 0x12345, -6000000000, INT64_MIN + 5);
  posix_fadvise(fd, 0x1122334455667788, -0x0102030405060708, 3);
  sync_file_range(fd, -9000000000, 0x7fffffff00000001, 0x80000007);
  mmap_calls(fd);
  if (lseek(fd, 0x123456789a, SEEK_SET) != 0x123456789a) perror("lseek");
  if (lseek(fd, -3, SEEK_END) >= 0) puts("lseek succeeded");
  // Some machines have no files of that size.
  if (truncate("/tmp/puppet-file", 0x123456789abcdef) != 0) errno = 0;
  close(fd);
  unlink("/tmp/puppet-file");
}

// ip_append_data(sk, fl4, getfrag, from, length, transhdrlen, ipc, rtp, flags): nine arguments, and
// ip_setsockopt(sk, level, optname, sockptr_t optval, optlen), whose fourth is a structure.
static void socket_calls(void) {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  const struct sockaddr_in there = {.sin_family = AF_INET,
                                    .sin_port = htons(9),
                                    .sin_addr = {htonl(INADDR_LOOPBACK)}};
  if (connect(fd, (const struct sockaddr*)&there, sizeof there) != 0) perror("connect");
  const char bytes[37] = {0};
  if (send(fd, bytes, sizeof bytes, MSG_MORE) != sizeof bytes) perror("send");
  const int ttl = 77;
  if (setsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl) != 0) perror("setsockopt");
  close(fd);
}

void abi_calls(void) {
  for (int i = 0; i < 3; ++i) syscall(SYS_dup3, -1 - i, i, 0x80000 | i);
  syscall(SYS_openat, AT_FDCWD, "/puppet/openat", O_RDONLY | O_DIRECTORY, 0);
  syscall(SYS_openat, -5, "", O_RDONLY, 0);
  truncate_calls();
  file_calls();
  socket_calls();
  setpriority(PRIO_PROCESS, 0, -7);
  prctl(PR_SET_NAME, "renamed-puppet");
}
