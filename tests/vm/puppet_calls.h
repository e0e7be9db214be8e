// SPDX-License-Identifier: Apache-2.0
#pragma once

// The puppet's calls for the language's test: every argument is a constant that the test's table
// knows. 0 if there is a call of that name, -1 if not.
int make_known_calls(const char* what);

// puppet_abi.c: the calls of "known abi", the same on every architecture.
void abi_calls(void);

// puppet_storm.c: so many processes that fork so many short-lived ones each, all at once. 0: all went well.
int fork_storm(unsigned mothers, long children);

// puppet.c: from now on this thread runs on that CPU alone.
void stay_on(int cpu);
