# shellcheck shell=sh
# Who is at work here, and what a broken connection left behind. Only looks. Part of the agent, see agent.sh; what changes
# these files is in agent-lock.sh.
#
# $locks/lock      the run that may change this host: its id, who, since when (their clock), command; first line empty = nobody
# $locks/lease     "<host's uptime at the last renewal> <seconds it holds> <pid and start of the connection's process, or ->"
# $steps/<id>/     a critical step: begun, process, steps, out, err, ended

# set `parent`, `session` and `born` of process PID; fails where there is none
process() {
  { read -r fields <"/proc/$1/stat"; } 2>/dev/null || return
  # shellcheck disable=SC2086 # numbers, all of them wanted apart
  set -- ${fields##*) }
  parent=$2 session=$4
  shift 19
  born=$1
}

# the first line of FILE, in `line`
first_line() {
  line=
  { read -r line <"$1"; } 2>/dev/null || [ -n "$line" ]
}

# set `owner` (run id, or nothing), `idle` (seconds since the lease was renewed) and `state`: free; held; stale = the lease has
# lapsed; gone = its connection has ended
look() {
  owner='' idle=0 state=free
  first_line "$locks/lock" && [ -n "$line" ] || return 0
  owner=$line state=stale
  first_line "$locks/lease"
  # shellcheck disable=SC2086
  set -- $line
  case $1$2 in '' | *[!0-9]*) return 0 ;; esac
  read -r uptime _ </proc/uptime
  idle=$((${uptime%%.*} - $1))
  { [ "$idle" -ge 0 ] && [ "$idle" -le "$2" ]; } || return 0
  state=gone
  [ "$3" != - ] || state=held
  process "$3" && [ "$born" = "$4" ] && state=held
  return 0
}

# is the process of step ENTRY still at work?
at_work() {
  first_line "$1/process" || return
  process "${line%% *}" && [ "$born" = "${line#* }" ]
}

# run-state: "lock STATE IDLE" and the lines of the lock, then for each step "step ID STATE", its run, title and last words
v_run_state() {
  look
  printf 'lock %s %s\n' "$state" "$idle"
  [ "$state" = free ] || cat "$locks/lock"
  for step in "$steps"/*/; do
    step=${step%/}
    [ -f "$step/begun" ] || continue
    [ "${shown:=0}" -lt 20 ] || break
    shown=$((shown + 1))
    { read -r run && read -r boot && read -r title; } <"$step/begun"
    state=broken
    if [ -f "$step/ended" ]; then
      state=failed
      first_line "$step/ended" && [ "$line" = 0 ] && state='done'
    elif at_work "$step"; then
      state=working
    elif first_line /proc/sys/kernel/random/boot_id && [ "$line" != "$boot" ]; then
      state=down
    fi
    words=
    [ "$state" = 'done' ] || words=$(tail -c 1000 "$step/err" 2>/dev/null | tr '\n' ' ')
    printf 'step %s %s\n%s\n%s\n%s\n' "${step##*/}" "$state" "$run" "$title" "$words"
  done
}
