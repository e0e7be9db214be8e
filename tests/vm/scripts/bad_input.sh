# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Bad input costs one clear error: nothing armed, status not 0, the caret under the user's own token.
. /lib/guest.sh
T=/sys/kernel/tracing

# refused CODE SPEC WANTED-TEXT CARET-LINE: `run` fails with CODE, says WANTED-TEXT, and shows CARET-LINE ('' for any).
refused() {
    kprobectl run --for 1s "$2" > /tmp/out 2> /tmp/err
    _status=$?
    is "refused: $2" "$1" "$_status"
    is "no output: $2" "" "$(cat /tmp/out)"
    grep -q -e "$3" /tmp/err && ok "says '$3'" || fail "says '$3'" "$(cat /tmp/err)"
    [ -z "$4" ] || { grep -qxF -e "  $4" /tmp/err && ok "caret: $2" || fail "caret: $2" "wanted:   $4" "$(cat /tmp/err)"; }
    is "nothing armed: $2" "" "$(cat $T/kprobe_events)"
}

refused 2 'p do_sys_opn a1'                "do_sys_opn"        '  ^~~~~~~~~~'
refused 2 'p do_sys_openat2 %rax'          "rax"               '                 ^~~~'
refused 2 'p do_sys_openat2 filenema'      "filenema"          '                 ^~~~~~~~'
refused 2 'p do_sys_openat2 a1 rv'         "rv"                '                    ^~'
refused 2 'p do_sys_openat2 $retval'       "retval"            '                 ^~~~~~~'
refused 2 'p do_sys_openat2 r21'           "r21"               '                 ^~~'
refused 2 'p do_sys_openat2 %di:u65'       "u65"               '                     ^~~'
refused 2 'p do_sys_openat2 %di:string'    "string"            ''
refused 2 'p 0x1234 a1'                    "0x1234"            '  ^~~~~~'
refused 2 'p 0xffffffffff000000'           "0xffffffffff000000" '  ^~~~~~~~~~~~~~~~~~'
refused 2 'p jiffies'                      "jiffies"           '  ^~~~~~~'
refused 2 'r do_sys_openat2+4 rv'          "entry"             ''
refused 2 'p'                              ""                  ''
refused 2 'x do_sys_openat2'               ""                  '^'
refused 2 'p do_sys_openat2 a1 a1'         "a1"                '                    ^~'
refused 2 'p do_sys_openat2 +0(%di'        ""                  ''
refused 2 ''                               "no probe"          ''
refused 2 '# nothing but a comment'        "no probe"          ''

# Only the kernel knows these; its answer is pointed at our token.
refused 2 'p do_sys_openat2+1 a1'          "instruction"       ''
check "... and not what strerror makes of EILSEQ" sh -c '! grep -q multibyte /tmp/err'
refused 2 'p kprobe_dispatcher'            ""                  ''

# 200 arguments, 5,000 characters.
many=$(awk 'BEGIN{printf "p do_sys_openat2"; for(i=0;i<200;i++) printf " x%d=%%di", i}')
refused 2 "$many"                          "128"               ''
long=$(awk 'BEGIN{printf "p do_sys_openat2 "; for(i=0;i<5000;i++) printf "a"}')
refused 2 "$long"                          ""                  ''

# One bad spec among good ones: nothing is armed, and all mistakes are shown.
kprobectl run --for 1s 'p do_sys_openat2 a1' 'p nosuchfn' 'p vfs_read %zz' > /tmp/out 2> /tmp/err
is "one bad of three: status" 2 $?
check "the first mistake" grep -q nosuchfn /tmp/err
check "the second mistake" grep -q zz /tmp/err
is "one bad of three: nothing armed" "" "$(cat $T/kprobe_events)"

# A file: name, line and column.
printf '# mine\np vfs_read a1\np vfs_read %%nope\n' > /tmp/my.probes
kprobectl run --for 1s -f /tmp/my.probes > /tmp/out 2> /tmp/err
is "bad line in a file: status" 2 $?
check "file:line:column" grep -q '^/tmp/my.probes:3:12: ' /tmp/err

# The command line itself.
for args in "" "nosuch" "run" "run --nosuch x" "run -o yaml p" "run -n 0 p" "run --for never p" "run --buffer 3M p" "run p vfs_read a1"; do
    # shellcheck disable=SC2086
    kprobectl $args > /tmp/out 2> /tmp/err
    is "usage: kprobectl $args" 2 $?
    check "says something: kprobectl $args" test -s /tmp/err
done
kprobectl nosuch 2> /tmp/err
check "an unknown command is named" grep -q "no command 'nosuch'" /tmp/err
kprobectl run -n 99999999999999999999 'p vfs_read' 2> /tmp/err
is "a count beyond 64 bits: status" 2 $?
kprobectl run -f /nosuch/file 2> /tmp/err
is "a file that is not there" 1 $?
# shellcheck disable=SC2016
su nobody -s /bin/sh -c "kprobectl run 'p vfs_read'" 2> /tmp/err
is "not root: status 3" 3 $?
su nobody -s /bin/sh -c "kprobectl check 'p do_sys_openat2 a1 a2'" > /tmp/out 2> /tmp/err
is "check works for everybody" 0 $?
is "at the end nothing armed" "" "$(cat $T/kprobe_events)"
summary
