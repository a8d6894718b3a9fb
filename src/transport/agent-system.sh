# shellcheck shell=sh
# Accounts, units, the host itself and commands. Part of the agent, see agent.sh.

# entry passwd|group NAME: the line of the database, or nothing
entry() {
  if command -v getent >/dev/null 2>&1; then
    getent "$1" "$2"
    case $? in 0 | 2) return 0 ;; *) fail "getent $1 failed" ;; esac
  else
    while IFS= read -r line; do
      case $line in "$2":* | *:"$2":*) printf '%s\n' "$line" ;; esac
    done <"/etc/$1"
  fi
}

# user NAME: its line, then its group's
v_user() {
  account "$1" || return
  line=$(entry passwd "$1") || return
  [ -n "$line" ] || return 0
  printf '%s\n' "$line"
  gid=${line#*:*:*:}
  entry group "${gid%%:*}"
}

# group NAME: its line
v_group() {
  account "$1" && entry group "$1"
}

# system: key=value lines
v_system() {
  printf 'machine=%s\nkernel=%s\nhostname=%s\nepoch=%s\n' "$(uname -m)" "$(uname -r)" "$(uname -n)" "$(date +%s)" || return
  for file in /etc/os-release /usr/lib/os-release; do
    [ -r "$file" ] || continue
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in ID=* | VERSION_ID=*) printf 'os.%s\n' "$line" ;; esac
    done <"$file"
    break
  done
  line=
  [ ! -r /etc/machine-id ] || read -r line </etc/machine-id
  printf 'machine-id=%s\n' "$line"
  line=
  [ ! -r /proc/sys/kernel/random/boot_id ] || read -r line </proc/sys/kernel/random/boot_id
  printf 'boot-id=%s\n' "$line"
  [ ! -d /run/systemd/system ] || printf 'systemd=yes\n'
}

# unit NAME
v_unit() {
  unit_name "$1" || return
  limit systemctl show --no-pager \
    -p LoadState,ActiveState,SubState,UnitFileState,MainPID,NeedDaemonReload,FragmentPath,DropInPaths,Result,NRestarts,ExecMainStartTimestampMonotonic \
    -- "$1"
}

# listener UNIT PORT...: "ours" while the unit has a process; else, of each port on which another process listens, two lines:
# "PORT PID HEAD" (HEAD: as `etcd-data` tells it of the log that the process holds open, or -) and its command
v_listener() {
  unit_name "$1" || return
  unit=$1
  shift
  for file in /sys/fs/cgroup/system.slice/"$unit" /sys/fs/cgroup/systemd/system.slice/"$unit"; do
    line=
    [ ! -r "$file/cgroup.procs" ] || read -r line <"$file/cgroup.procs"
    [ -z "$line" ] || { printf 'ours\n' && return 0; }
  done
  for port; do
    grep -hi ": [0-9A-F]*:$(printf %04X "$port") [0-9A-F]*:0000 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null |
      while read -r _ _ _ _ _ _ _ _ _ inode _; do
        holder "$inode"
        ! grep -qsF "/$unit" "/proc/$pid/cgroup" || continue
        printf '%s %s %s\n' "$port" "$pid" "${head:--}"
        tr '\0\n' '  ' <"/proc/$pid/cmdline" 2>/dev/null
        printf '\n'
        break
      done
  done
  return 0
}

# set `pid` to the process that holds the socket INODE (0: not found), and `head` to the head of the log that it has open
holder() {
  # shellcheck disable=SC2012 # find of busybox cannot tell where links lead
  pid=$(ls -l /proc/[0-9]*/fd 2>/dev/null | while read -r line; do
    case $line in
      /proc/*/fd:) line=${line#/proc/} && process=${line%/fd:} ;;
      *" socket:[$1]") printf '%s' "$process" && break ;;
    esac
  done)
  pid=${pid:-0}
  # shellcheck disable=SC2012
  head=$(ls -l "/proc/$pid/fd" 2>/dev/null | while read -r line; do
    case $line in *' -> '*.wal) line=${line%% -> *} && head_of "/proc/$pid/fd/${line##* }" && break ;; esac
  done)
}

# systemctl VERB UNIT('' for daemon-reload) NOBLOCK(yes|'')
v_systemctl() {
  case $1 in
    daemon-reload)
      limit systemctl daemon-reload
      return
      ;;
    start | stop | restart | reload | enable | disable | mask | unmask | reset-failed) unit_name "$2" || return ;;
    *) fail "$1: not a verb of systemctl" || return ;;
  esac
  limit systemctl --no-ask-password ${3:+--no-block} "$1" -- "$2"
}

# journal UNIT LINES SINCE(seconds since the epoch, or '')
v_journal() {
  unit_name "$1" || return
  limit journalctl --no-pager -o short-iso -n "$2" ${3:+--since="@$3"} -u "$1"
}

# group-add NAME SYSTEM(yes|'') GID
v_group_add() {
  account "$1" || return
  if command -v groupadd >/dev/null 2>&1; then
    groupadd ${2:+-r} ${3:+-g "$3"} -- "$1"
  else
    addgroup ${2:+-S} ${3:+-g "$3"} "$1"
  fi
}

# user-add NAME SYSTEM(yes|'') HOME-TO-MAKE(yes|'') UID GROUP HOME SHELL COMMENT
v_user_add() {
  account "$1" || return
  group=$5
  # useradd refuses to make a group that exists already
  [ -n "$group" ] || [ -z "$(entry group "$1")" ] || group=$1
  [ -z "$group" ] || account "$group" || return
  if command -v useradd >/dev/null 2>&1; then
    make=-M
    [ -z "$3" ] || make=-m
    useradd ${2:+-r} "$make" ${4:+-u "$4"} ${group:+-g "$group"} ${6:+-d "$6"} ${7:+-s "$7"} ${8:+-c "$8"} -- "$1"
  else
    if [ -n "$3" ]; then make=; else make=yes; fi
    adduser -D ${2:+-S} ${make:+-H} ${4:+-u "$4"} ${group:+-G "$group"} ${6:+-h "$6"} ${7:+-s "$7"} ${8:+-g "$8"} "$1"
  fi
}

# user-remove NAME: the account, not its home
v_user_remove() {
  account "$1" || return
  line=$(entry passwd "$1") || return
  [ -n "$line" ] || return 0
  case $line in *:*:0:*) fail "$1: refused, user id 0" || return ;; esac
  if command -v userdel >/dev/null 2>&1; then userdel -- "$1"; else deluser "$1"; fi
}

# group-remove NAME; gone with its user is gone
v_group_remove() {
  account "$1" || return
  line=$(entry group "$1") || return
  [ -n "$line" ] || return 0
  case $line in *:*:0:*) fail "$1: refused, group id 0" || return ;; esac
  if command -v groupdel >/dev/null 2>&1; then groupdel -- "$1"; else delgroup "$1"; fi
}

# exec OK-CODES CHDIR NUMBER-OF-VARIABLES KEY=VALUE… PROGRAM ARGUMENT…
v_exec() {
  { [ -z "$2" ] || cd -- "$2"; } || return
  left=$3
  shift 3
  while [ "$left" -gt 0 ]; do
    case ${1%%=*} in '' | [!A-Za-z_]* | *[!A-Za-z0-9_]*) fail "${1%%=*}: not a name of a variable" || return 126 ;; esac
    export "${1?}"
    shift
    left=$((left - 1))
  done
  [ $# -gt 0 ] && [ -n "$1" ] || fail 'no program given' || return 126
  # what a user's own command makes is open as after a login; our own files are closed until they have their owner
  umask 022
  limit "$@"
}

# exec-text OK-CODES LENGTH …as exec: the program starts only when its whole standard input is here
v_exec_text() {
  text=$(cat && printf .)
  [ "${#text}" -eq $(($2 + 1)) ] || fail 'the standard input did not arrive whole' || return 126
  codes=$1
  shift 2
  printf '%s' "${text%.}" | v_exec "$codes" "$@"
}
