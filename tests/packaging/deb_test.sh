#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# deb_test.sh BUILD: makes the Debian package in BUILD/package and tries it in a folder that plays a machine:
# installed, removed, purged. Needs no privileges and no running systemd.
set -uo pipefail
build=$1
root=$(dirname "$(readlink -f "$0")")/../..
. "$root/tests/packaging/lib.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

rm -f "$build"/package/*.deb
if ! cpack --config "$build/CPackConfig.cmake" -B "$build/package" >"$work/cpack" 2>&1; then
    cat "$work/cpack"
    exit 1
fi
deb=("$build"/package/kprobed_*.deb)
is 'one package' 1 "${#deb[@]}"
rm -rf "$build/package/_CPack_Packages"

is 'what is in it' '-rw-r--r-- /etc/kprobed/kprobed.conf
-rwxr-xr-x /usr/bin/kprobectl
-rw-r--r-- /usr/lib/systemd/system/kprobed.service
-rw-r--r-- /usr/lib/sysusers.d/kprobed.conf
-rw-r--r-- /usr/lib/tmpfiles.d/kprobed.conf
-rwxr-xr-x /usr/sbin/kprobed
-rw-r--r-- /usr/share/bash-completion/completions/kprobectl
-rw-r--r-- /usr/share/man/man1/kprobectl.1.gz
-rw-r--r-- /usr/share/man/man5/kprobed.conf.5.gz
-rw-r--r-- /usr/share/man/man7/kprobed-protocol.7.gz
-rw-r--r-- /usr/share/man/man7/kprobed-spec.7.gz
-rw-r--r-- /usr/share/man/man8/kprobed.8.gz' \
    "$(dpkg-deb -c "${deb[0]}" | awk '!/^d/ && !/share\/doc/ { print $1, substr($6, 2) }' | sort -k 2)"
is 'no folder is writable by others' '' "$(dpkg-deb -c "${deb[0]}" | grep ^d | grep -v ^drwxr-xr-x)"
is 'what is in /etc is a conffile' /etc/kprobed/kprobed.conf "$(dpkg-deb -I "${deb[0]}" conffiles)"
is 'the library it needs is a dependency' 'libfmt9' "$(dpkg-deb -f "${deb[0]}" Depends | grep -o libfmt9)"

# The machine: dpkg's database, the units that ours names, a shell for ExecReload.
machine=$work/machine
mkdir -p "$machine"/{var/lib/dpkg/{info,updates},var/log,etc,bin,usr/lib/systemd}
touch "$machine"/var/lib/dpkg/{available,status}
cp /bin/sh "$machine/bin/sh"
cp -r /lib/systemd/system "$machine/usr/lib/systemd/system"
ln -s usr/lib "$machine/lib"
PATH=$PATH:/usr/sbin:/sbin # dpkg looks for ldconfig there
as_root=()
[[ $(id -u) -eq 0 ]] || as_root=(fakeroot)
on_machine() { # ARGUMENT... of dpkg
    "${as_root[@]}" dpkg --root="$machine" --log=/dev/null --force-depends --force-script-chrootless "$@" >"$work/dpkg" 2>&1
    local status=$?
    [[ $status -eq 0 ]] || cat "$work/dpkg"
    return $status
}
ours() { # what of us is there
    (cd "$machine" && find . ! -type d -path '*kprobe*' ! -path './var/lib/dpkg/*' ! -path '*/doc/*' ! -path '*/man/*' |
        sed 's/^\.//' | sort)
}
link=/etc/systemd/system/multi-user.target.wants/kprobed.service

on_machine -i "${deb[0]}"
is 'installed: status' 0 $?
is 'installed: enabled' /lib/systemd/system/kprobed.service "$(readlink "$machine$link")"
if command -v systemd-sysusers >/dev/null; then
    is 'installed: group' kprobed "$(grep -o ^kprobed "$machine/etc/group")"
fi
if command -v systemd-analyze >/dev/null; then
    is 'systemd takes the unit' '' "$(systemd-analyze verify --root="$machine" --man=no kprobed.service 2>&1)"
fi

rm "$machine$link" # as `systemctl disable` does
echo '# mine' >>"$machine/etc/kprobed/kprobed.conf"
on_machine -i --force-confold "${deb[0]}"
is 'again: status' 0 $?
is 'again: stays disabled' no "$([[ -e $machine$link ]] && echo yes || echo no)"
is 'again: keeps the configuration' '# mine' "$(tail -n 1 "$machine/etc/kprobed/kprobed.conf")"

on_machine -r kprobed
is 'removed: status' 0 $?
is 'removed: the configuration stays' /etc/kprobed/kprobed.conf "$(ours | grep ^/etc)"
on_machine -P kprobed
is 'purged: status' 0 $?
is 'purged: nothing stays' '' "$(ours)"
is 'purged: nor the folder' no "$([[ -d $machine/etc/kprobed ]] && echo yes || echo no)"
finish
