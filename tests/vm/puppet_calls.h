// SPDX-License-Identifier: Apache-2.0
#pragma once

// The puppet's calls for the language's test: every argument is a constant that the test's table
// knows. 0 if there is a call of that name, -1 if not.
int make_known_calls(const char* what);

// puppet_abi.c: the calls of "known abi", the same on every architecture.
void abi_calls(void);
