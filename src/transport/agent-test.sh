# shellcheck shell=sh
# Tests of before anything is changed, which leave nothing behind. Part of the agent, see agent.sh.

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
