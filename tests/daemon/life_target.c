// SPDX-License-Identifier: Apache-2.0
//
// life_target N [PAUSE_US]: calls each of its functions N times, with 0 .. N-1. What life_native.py probes.
#include <stdlib.h>
#include <unistd.h>

#define KEEP __attribute__((noinline, noclone, used, externally_visible))

static volatile long sum;

KEEP void life_first(long number) { sum += number; }
KEEP void life_second(long number) { sum -= number; }
KEEP void life_third(long number) { sum ^= number; }

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const long count = strtol(argv[1], NULL, 10);
  const long pause_us = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
  for (long i = 0; i < count; ++i) {
    life_first(i);
    life_second(i);
    life_third(i);
    if (pause_us > 0) usleep((useconds_t)pause_us);
  }
  return 0;
}
