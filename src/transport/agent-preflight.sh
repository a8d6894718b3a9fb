# shellcheck shell=sh
# Questions of before anything is changed. Part of the agent, see agent.sh.

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
