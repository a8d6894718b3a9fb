# shellcheck shell=sh
# One run at a time, and steps that outlive their connection. Part of the agent, see agent.sh and agent-state.sh; sent only to
# agents that change something.

# the process that the connection lives in (sshd's, or the controller itself): when it is gone, so is the run
link=-
if process $$ && process "$session" && [ "$parent" -gt 1 ]; then
  link=$parent
  if process "$link"; then link="$link $born"; else link=-; fi
fi

# renew the lease, for SECONDS or as long as before; overwritten in one go, so that nobody reads an empty one
renew() {
  [ -n "$1" ] || { read -r _ lasts _ <"$locks/lease" && set -- "$lasts"; }
  read -r uptime _ </proc/uptime
  printf '%-50s\n' "${uptime%%.*} ${1:-30} $link" 1<>"$locks/lease"
}

# lock RUN SECONDS WHO SINCE COMMAND: 0 = it is ours now (then what the lock held before), 75 = an operation is still at work,
# 76 = another run holds it, 77 = this user may not lock the host
v_lock() {
  command -v flock >/dev/null 2>&1 || fail 'there is no flock on the host: install util-linux, or a busybox that has it' || return
  [ -d "$locks" ] || (umask 022 && mkdir -p -- "$locks") 2>/dev/null
  if [ ! -w "$locks" ]; then
    [ "$(id -u)" != 0 ] || fail "$locks: cannot be written to" || return
    return 77
  fi
  umask 022
  exec 9<>"$locks/lock" || return
  look
  [ "$state" != held ] || [ "$owner" = "$1" ] || return 76
  # an operation of the same run may be at work under another name of this host
  if ! flock -xn 9 && [ "$owner" != "$1" ]; then return 75; fi
  look
  [ "$state" != held ] || [ "$owner" = "$1" ] || return 76
  printf '%s %s\n' "$state" "$idle"
  cat <&9
  renew "$2" && { [ "$owner" = "$1" ] || printf '%s\n' "$1" "$3" "$4" "$5" >"$locks/lock"; }
}

# unlock RUN: if it is still that run's. An empty first line frees the lock; who had it last stays below
v_unlock() {
  [ -f "$locks/lock" ] || return 0
  exec 9<"$locks/lock" && flock -s 9 && first_line "$locks/lock" && [ "$line" = "$1" ] || return 0
  text=$(cat "$locks/lock") && printf '\n%s\n' "$text" >"$locks/lock"
}

# this agent has taken the lock for RUN: with the agent it goes
hold() {
  held=$1
  trap '[ -z "$held" ] || v_unlock "$held"' EXIT
  trap 'exit 0' HUP TERM PIPE
}

# hold the lock, together with other operations of the run that the request names; says whose it is where it is not
fenced() {
  if [ -f "$locks/lock" ]; then
    exec 9<"$locks/lock"
    flock -s 9 && first_line "$locks/lock" && [ "$line" = "$fence" ] && return
    cat "$locks/lock" >&2
    exec 9<&-
  fi
  return 1
}

# is ID the name of a step?
step_name() {
  case $1 in '' | *[!A-Za-z0-9-]*) fail "\"$1\": not the name of a step" ;; esac
}

# critical ID TITLE <requests: does them to the end, whatever becomes of the connection, and leaves word of it in $steps/ID
v_critical() {
  step_name "$1" || return
  record=$steps/$1 title=$2
  mkdir -p -- "$steps" && mkdir -- "$record" && cat >"$record/requests" || return
  # the lock stays with the step, also when the agent is gone
  [ "$fence" = - ] || fenced || return
  serve_step <"$record/requests" >"$record/out" 2>"$record/err" &
  wait $!
  status=$?
  cat "$record/out"
  cat "$record/err" >&2
  return "$status"
}

# the process of its own in which a step is done
serve_step() {
  trap '' HUP PIPE
  # the shell itself opens the file, so this is about no other process
  first_line /proc/self/stat && pid=${line%% *} && process "$pid" && printf '%s %s\n' "$pid" "$born" >"$record/process"
  first_line /proc/sys/kernel/random/boot_id
  printf '%s\n' "$fence" "$line" "$title" >"$record/begun" && sync "$record/requests" "$record/begun" "$record" "$steps" || exit
  failed=none wrong=0
  serve
  printf '%s\n' "$wrong" >"$record/ended.new" && sync "$record/ended.new" && mv -- "$record/ended.new" "$record/ended"
  sync "$record"
  exit "$wrong"
}

# settle ID…: the ends of these steps have been told; with the lock, also what never began is swept up
v_settle() {
  for step in "$@"; do
    step_name "$step" || return
    [ -f "$steps/$step/ended" ] || ! at_work "$steps/$step" || continue
    rm -rf -- "${steps:?}/$step" || return
  done
  [ "$fence" != - ] || return 0
  for step in "$steps"/*/; do
    [ ! -d "$step" ] || [ -f "$step/begun" ] || rm -rf -- "$step"
  done
}
