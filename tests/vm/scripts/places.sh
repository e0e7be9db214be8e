# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Every way to name a probe point, the 2009 ones that today's kernels refuse or misread included; and the whole 2009 list
# of fetchargs, against values that are known.
. /lib/guest.sh
T=/sys/kernel/tracing
address_of() { awk -v s="$1" '$3 == s {print "0x" $1; exit}' /proc/kallsyms; }

# hits NAME SPEC...: runs while the puppet makes 5 calls of dup3 (three integers), and leaves the lines in /tmp/NAME.
hits() {
    _name=$1
    shift
    kprobectl run "$@" > /tmp/$_name 2> /tmp/$_name.err &
    RUN=$!
    until_true 20 grep -q ' armed on ' /tmp/$_name.err || fail "$_name armed" "$(cat /tmp/$_name.err)"
    puppet dup3 5
    kill -INT $RUN
    wait $RUN
}
count() { grep -c "\"comm\":\"puppet\".*$2" "/tmp/$1"; }
value() { sed -n "s/.*\"comm\":\"puppet\".*\"$2\":\"\{0,1\}\([^,}\"]*\).*/\1/p" "/tmp/$1" | head -n "${3:-1}" | tail -n 1; }

SYM=__x64_sys_dup3
ADDR=$(address_of $SYM)
NEXT=$(awk -v a="${ADDR#0x}" '$2 ~ /[tT]/ && $1 > a {print $3, $1}' /proc/kallsyms | sort -k2 | head -n 1 | cut -d' ' -f1)
NEXT_ADDR=$(address_of "$NEXT")
BACK=$(($NEXT_ADDR - $ADDR))

hits symbol "p $SYM"
is "SYMBOL: 5 hits" 5 "$(count symbol "\"symbol\":\"$SYM\",\"offset\":0")"
hits zero "p $SYM+0"
is "SYMBOL+0: 5 hits" 5 "$(count zero "\"symbol\":\"$SYM\",\"offset\":0")"
hits address "p $ADDR"
is "MEMADDR: 5 hits" 5 "$(count address "\"symbol\":\"$SYM\",\"offset\":0")"
hits back "p $NEXT-$BACK"
is "SYMBOL-offs: 5 hits" 5 "$(count back "\"symbol\":\"$SYM\",\"offset\":0")"
hits raddress "r $ADDR rv:s64"
is "r MEMADDR with rv: 5 hits" 5 "$(count raddress '"kind":"r"')"
hits both "p $SYM a1" "p $SYM a1" "r $SYM rv"
is "the same probe twice is two probes" 10 "$(count both '"kind":"p"')"
is "... under two names" 5 "$(count both "\"probe\":\"${SYM}_2\"")"
is "... beside the return" 5 "$(count both "\"probe\":\"${SYM}_ret\"")"

# The wrapper takes a pointer to the caller's pt_regs in its first argument: words 14, 13, 12 of it are di, si, dx.
hits fetch "p $SYM a1 r14 %di \$arg1 s0 s1 \$stack0 \$stack \$comm di=+112(%di):s32 si=+104(a1):s32 dx=+96(%di):x32 dx16=+96(%di):x16 ip=r16 sp=r19 u8=+96(%di):u8 u16=+96(%di):u16 s8=+96(%di):s8"
is "all fetchargs: 5 hits" 5 "$(count fetch '')"
is "word 14 of pt_regs is %di" "$(value fetch a1)" "$(value fetch r14)"
is "%di, called arg3 by its place, is a1" "$(value fetch a1)" "$(value fetch arg3)"
is "\$arg1 is a1" "$(value fetch a1)" "$(value fetch arg4)"
is "s0 is \$stack0" "$(value fetch s0)" "$(value fetch arg7)"
is "\$stack is %sp" "$(value fetch sp)" "$(value fetch arg8)"
is "\$comm" puppet "$(value fetch arg9)"
is "first call: di" -1 "$(value fetch di)"
is "fifth call: di" -5 "$(value fetch di 5)"
is "fifth call: si" 4 "$(value fetch si 5)"
is "fifth call: dx" 0x80004 "$(value fetch dx 5)"
is "fifth call: dx16" 0x4 "$(value fetch dx16 5)"
is "fifth call: u8" 4 "$(value fetch u8 5)"

# Memory at an address and at a symbol; the address of linux_banner is told by kallsyms.
BANNER=$(address_of linux_banner)
hits memory "p $SYM m$BANNER v=@linux_banner:string w=@linux_banner+6:string x=@$BANNER:u8"
is "@SYM:string" "Linux version" "$(value memory v | cut -c1-13)"
is "@SYM+off:string" "version" "$(value memory w | cut -c1-7)"
is "@ADDR:u8" 76 "$(value memory x)"
check "mADDR is the first word" grep -q "\"m$BANNER\":\"0x76207875\|\"m$BANNER\":\"0x65762078756e694c\"" /tmp/memory

# Faults: a string at a bad address is null with a reason.
hits fault "p $SYM s=+0(+0(%di)):string e=+0(\$stack):u64"
check "a string's fault is null" grep -q '"args":{"s":null' /tmp/fault
check "... with its reason" grep -q '"faults":{"s":' /tmp/fault

# Inside a function: the second instruction that the kernel takes.
for off in 4 5 6 7 8 9 10 11 12 13; do
    kprobectl run --for 50ms "p do_sys_openat2+$off" > /dev/null 2>&1 && break
done
is "an offset inside the function is taken" 0 $?
kprobectl check "p do_sys_openat2+$off a1" > /tmp/check 2> /tmp/check.err
check "aN inside a function: a note" grep -q 'note: ' /tmp/check.err

# do_sys_open: arms, stays silent, says so, and names the living one.
kprobectl check 'p do_sys_open a1 a2' > /tmp/drift 2> /tmp/drift.err
is "do_sys_open: check's status 0" 0 $?
check "do_sys_open: names do_sys_openat2" grep -q do_sys_openat2 /tmp/drift.err
hits silent 'p do_sys_open a1 a2'
check "do_sys_open: run says so too" grep -q do_sys_openat2 /tmp/silent.err
check "do_sys_open: never hit" grep -q 'do_sys_open was never hit' /tmp/silent.err
hits live --resolve 'p do_sys_open a1 a2'
puppet open 3 /x
check "--resolve: do_sys_openat2 is hit" grep -q '"symbol":"do_sys_openat2"' /tmp/live

# The 2009 form.
hits trace2009 -o trace "p $SYM a1 a3" "r $SYM rv rp"
head -n 6 /tmp/trace2009
check "-o trace: entry" grep -qE '^ *puppet-[0-9]+ +\[00[01]\] +[0-9]+\.[0-9]{6}: __x64_sys_dup3: @__x64_sys_dup3\+0 0x[0-9a-f]+ 0x[0-9a-f]+$' /tmp/trace2009
check "-o trace: return" grep -qE '^ *puppet-[0-9]+ +\[00[01]\] +[0-9]+\.[0-9]{6}: (do_syscall_64|x64_sys_call): <-__x64_sys_dup3\+0 0xfffffffffffffff7 0x[0-9a-f]+$' /tmp/trace2009
is "nothing left" "" "$(cat $T/kprobe_events)"
summary
