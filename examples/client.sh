#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# client.sh [N]: prints N events (10) as JSON. Needs jq and nc (OpenBSD's).
socket=${KPROBED_SOCKET:-/run/kprobed/kprobed.sock}
exec 3< <(exec nc -U "$socket" <<<'{"id":1,"method":"subscribe"}')
jq -nc --unbuffered --argjson n "${1:-10}" 'limit($n; inputs | select(.type == "event"))' <&3
kill $! 2>/dev/null # nc, which would wait for one more line; fails if there was no daemon
