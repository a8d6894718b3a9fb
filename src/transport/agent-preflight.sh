# shellcheck shell=sh
# Questions and tests from before anything is changed. Part of the agent, see agent.sh.

# set `near` to the nearest directory at or above PATH that is there
nearest() {
  plain "$1" || return
  near=$1
  until [ -d "$near/" ]; do near=${near%/*}; done
  near=${near:-/}
}

# filesystem PROGRAMS [PATH]...: of each "<writable> <nearest directory that is there>", the mount options of the first, then
# `df` in KiB and in inodes
v_filesystem() {
  count=$#
  while [ "$count" -gt 0 ]; do
    nearest "$1" || return
    may=no
    [ ! -w "$near" ] || may=yes
    printf '%s %s\n' "$may" "$near"
    shift
    set -- "$@" "$near"
    count=$((count - 1))
  done
  best='' flags=''
  while read -r _ mount _ options _; do
    # bash takes "${mount%/}" itself for something else where it is empty
    top=${mount%/}
    case ${1%/}/ in
      "$top"/*) [ ${#mount} -lt ${#best} ] || best=$mount flags=$options ;;
    esac
  done </proc/self/mounts
  printf 'options %s\n' "$flags"
  df -Pk -- "$@"
  df -Pi -- "$@" 2>/dev/null || :
}

# sockets UNIT PORTS("094B|094C") STARTED [PORT]...: each that listens as "<local address> <pid> <unit> <command>". Nothing where
# UNIT runs and was started, as the file STARTED tells, with every PORT: to look through all sockets takes some 10 ms
v_sockets() {
  unit_name "$1" || return
  ! serves "$@" || return 0
  grep -hE "^ *[0-9]+: [0-9A-F]+:($2) [0-9A-F:]+ 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    while read -r _ address _ _ _ _ _ user _ inode _; do
      printf '%s ' "$address"
      ours "$1" "$user" || holder "$inode"
      printf '\n'
    done
}

# UNIT has a process, and every PORT is in STARTED
serves() {
  [ -r "$3" ] || return
  line=
  for procs in "/sys/fs/cgroup/system.slice/$1/cgroup.procs" "/sys/fs/cgroup/systemd/system.slice/$1/cgroup.procs"; do
    [ ! -r "$procs" ] || read -r line <"$procs"
  done
  [ -n "$line" ] || return
  text=
  while IFS= read -r line || [ -n "$line" ]; do text="$text$line "; done <"$3"
  shift 3
  for port in "$@"; do
    case $text in *":$port"[!0-9]*) ;; *) return 1 ;; esac
  done
}

# a process of UNIT that runs as user UID, without a look at every process there is
ours() {
  for procs in "/sys/fs/cgroup/system.slice/$1/cgroup.procs" "/sys/fs/cgroup/systemd/system.slice/$1/cgroup.procs"; do
    [ -r "$procs" ] || continue
    while read -r pid; do
      acting=
      while read -r key acting _; do [ "$key" != Uid: ] || break; done <"/proc/$pid/status"
      [ "$acting" != "$2" ] || { printf '%s %s' "$pid" "$1" && return; }
    done <"$procs"
  done
  return 1
}

# whoever has socket INODE open
holder() {
  # shellcheck disable=SC2010
  pid=$(ls -l /proc/[0-9]*/fd 2>/dev/null | grep -E "^/proc|socket:.$1.\$" | grep -B 1 'socket:')
  pid=${pid#/proc/} pid=${pid%%/*}
  [ -n "$pid" ] || return
  group=-
  while read -r line; do
    case $line in 0::* | *:name=systemd:*) group=${line##*/} ;; esac
  done <"/proc/$pid/cgroup"
  printf '%s %s ' "$pid" "${group:--}"
  tr '\0\n' '  ' <"/proc/$pid/cmdline"
}

# drop-ins UNIT: "file <path>", then its lines, each after a blank
v_drop_ins() {
  unit_name "$1" || return
  for dir in /etc /run /usr/local/lib /usr/lib /lib; do
    [ "$dir" != /lib ] || [ ! -L /lib ] || continue
    for file in "$dir/systemd/system/$1.d"/*.conf; do
      [ -f "$file" ] || continue
      printf 'file %s\n' "$file"
      while IFS= read -r line || [ -n "$line" ]; do printf ' %s\n' "$line"; done <"$file"
    done
  done
}

# systemd DATA: its version and state; nothing where DATA holds a member, because systemd has started that
v_systemd() {
  if [ -n "$1" ] && [ -d "$1/member" ]; then return; fi
  if [ -d /run/systemd/system ]; then
    limit systemctl show --no-pager -p Version -p SystemState
  else
    printf 'SystemState=absent\n'
  fi
}

# machine: the clock, then what tells one machine from another
v_machine() {
  date +%s.%N || return
  line=
  [ ! -r /proc/sys/kernel/random/boot_id ] || read -r line </proc/sys/kernel/random/boot_id
  printf '%s\n' "$line"
  for file in /sys/class/net/*/address; do
    line=
    read -r line 2>/dev/null <"$file"
    printf '%s\n' "$line"
  done
}

# names NAME...: "name <name>", then what it resolves to
v_names() {
  command -v getent >/dev/null 2>&1 || return 0
  for name in "$@"; do
    printf 'name %s\n' "$name"
    limit getent ahosts "$name"
  done
  return 0
}

# disk-test PROGRAMS SYNC DIRECTORY...: write, sync, rename and remove a file in or above each; run one where PROGRAMS is; time
# synced writes where SYNC is. "fail <directory> <where> <why>", "sync <begin> <end> <bytes>"
v_disk_test() {
  programs=$1 timed=$2 rc=0
  shift 2
  for target in "$@"; do
    nearest "$target" || return
    file=${near%/}/.etcdctl-play-check
    trap 'rm -f -- "$file" "$file.new"' EXIT HUP INT TERM
    why=$(try "$file" "$target" 2>&1) || {
      rc=1
      printf 'fail %s %s %s\n' "$target" "$near" "${why##*"$file"}"
    }
    if [ "$target" = "$timed" ] && [ -f "$file" ] && command -v timeout >/dev/null 2>&1; then
      read -r begin _ </proc/uptime
      timeout 2 dd if=/dev/zero "of=$file" bs=2048 count=200 oflag=dsync 2>/dev/null
      read -r end _ </proc/uptime
      printf 'sync %s %s %s\n' "$begin" "$end" "$(stat -c %s -- "$file")"
    fi
    rm -f -- "$file" "$file.new"
  done
  return "$rc"
}

# one directory of disk-test
try() {
  rm -f -- "$1" "$1.new" && set -C && printf '#!/bin/sh\nexit 0\n' >"$1.new" && set +C && sync "$1.new" && mv -f -- "$1.new" "$1" || return
  [ "$2" != "$programs" ] || { chmod 0700 -- "$1" && "$1"; }
}

# listen SECONDS SOCKET...: something to connect to, which goes by itself; "<pid> <socket>"
v_listen() {
  open=$1
  shift
  command -v systemd-socket-activate >/dev/null 2>&1 || return 0
  for socket in "$@"; do
    setsid timeout "$open" systemd-socket-activate --accept -l "$socket" /bin/true </dev/null >/dev/null 2>&1 &
    printf '%s %s\n' "$!" "$socket"
  done
}

# unlisten PID...: ends what `listen` has begun, and prints those that were still there
v_unlisten() {
  for pid in "$@"; do
    case $pid in '' | *[!0-9]*) fail "$pid: not a process id" || return ;; esac
    grep -qs systemd-socket-activate "/proc/$pid/cmdline" && kill "$pid" && printf '%s\n' "$pid"
  done
  return 0
}
