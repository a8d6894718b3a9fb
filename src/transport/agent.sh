#!/bin/sh
# The agent: a loop on the host's end of a channel. It reads requests from its standard input, answers on standard output
# and standard error, and ends with the connection. Nothing is installed and nothing stays behind.
#
# Request:  <id> <batch> <verb> <number of arguments> <size> <timeout in seconds> <run id or -> LF
#           one line per argument (\\ = backslash, \n = newline; nothing else is escaped)
#           <size> bytes for the verb's standard input; `chunked` = chunks "<n> LF <n bytes>" up to a chunk of 0
# Answer:   what the verb printed, then LF <nonce> <id> <exit code, "skipped" or "superseded"> LF, on both outputs
#
# Once a request of a batch other than 0 has failed, the rest of that batch is skipped. Arguments are data: they are never
# evaluated, never split, and reach programs only as "$1" and so on. A request that names a run is done only while the lock of
# this host names the same run ("superseded" otherwise). The controller writes `nonce=…`, `exact=…`, `locks=…` and `steps=…`
# before this text and the other agent-*.sh after it (agent-loop.sh last), and sends all of it without comments; what only
# changes need comes later, as the input of a request `more`.

umask 077
LC_ALL=C
PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
cd / || exit 1

# say why not, on standard error
fail() {
  printf '%s\n' "$*" >&2
  return 1
}

# exactly N bytes of the loop's input (`head -c` of busybox reads more than it is told to)
take() {
  if [ -n "$exact" ]; then
    dd bs=65536 "count=$1" "$exact" 2>/dev/null
  else
    dd bs=1 "count=$1" 2>/dev/null
  fi
}

# chunks up to the one of size 0; fails if the input ends before
chunks() {
  while read -r chunk; do
    [ "$chunk" -gt 0 ] || return 0
    take "$chunk" || return
  done
  return 1
}

# the standard input of the request being read; always consumed whole
payload() {
  if [ "$size" = chunked ]; then chunks; else take "$size"; fi
}

# run a program, at most as long as the request allows: exit code 124 after that
limit() {
  read -r begin _ </proc/uptime
  if command -v timeout >/dev/null 2>&1; then
    timeout -k 5 "$seconds" "$@"
  else
    case $1 in -* | *=*) fail "$1: not a program name" || return 126 ;; esac
    env "$@"
  fi
  status=$?
  case $status in
    137 | 143)
      # busybox tells the signal, and so does GNU after a second, harder signal
      read -r end _ </proc/uptime
      [ $((${end%.*} - ${begin%.*})) -lt "$seconds" ] || return 124
      ;;
  esac
  return "$status"
}

# refuse what is not a plain absolute path
plain() {
  case $1/ in
    //*) [ "$1" = / ] || fail "$1: not a plain absolute path" ;;
    *//* | */./* | */../*) fail "$1: not a plain absolute path" ;;
    /*) ;;
    *) fail "\"$1\": not an absolute path" ;;
  esac
}

# is anything there? 0 yes, 1 no, 2 cannot be told (why: on standard error); prints `stat` in FORMAT
present() {
  if there=$(stat -c "$2" -- "$1" 2>&1); then
    printf '%s\n' "$there"
    return 0
  fi
  case $there in *'No such file or directory' | *'Not a directory') return 1 ;; esac
  fail "$there"
  return 2
}

# a name of a user or a group: never an option
account() {
  case $1 in
    '' | -* | *[!A-Za-z0-9_.@\$-]*) fail "\"$1\": not a name of a user or group" ;;
  esac
}

# a name of a unit: never an option
unit_name() {
  case $1 in
    '' | -* | *[!A-Za-z0-9:_.@\\-]*) fail "\"$1\": not a name of a unit" ;;
  esac
}
