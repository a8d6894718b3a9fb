# shellcheck shell=sh
# Files: what is there, and changes that are either made or not made. Part of the agent, see agent.sh.

# stat PATH none|sha256|text
v_stat() {
  plain "$1" || return
  present "$1" '%f %u %g %s %Y
%U
%G'
  case $? in 1) printf 'absent\n' && return 0 ;; 2) return 1 ;; esac
  if [ -L "$1" ]; then
    readlink -n -- "$1"
  elif [ -f "$1" ] && [ "$2" != none ]; then
    bytes=${there#* * * }
    if [ "$2" = text ] && [ "${bytes%% *}" -le 1048576 ]; then
      printf 'text\n' && cat <"$1"
    else
      printf 'sha256 ' && sha256sum <"$1"
    fi
  fi
}

# of pairs PATH CONTENT: `stat` of all that exist
stat_existing() {
  pairs=$#
  while [ "$pairs" -gt 0 ]; do
    { [ -e "$1" ] || [ -L "$1" ]; } && set -- "$@" "$1"
    shift 2
    pairs=$((pairs - 2))
  done
  [ $# = 0 ] || stat -c '%n
%f %u %g %s %Y
%U
%G' -- "$@"
}

# of pairs PATH CONTENT: the checksums of those files that are asked for with sha256
sums_existing() {
  pairs=$#
  while [ "$pairs" -gt 0 ]; do
    [ "$2" = sha256 ] && [ -f "$1" ] && [ ! -L "$1" ] && set -- "$@" "$1"
    shift 2
    pairs=$((pairs - 2))
  done
  [ $# = 0 ] || sha256sum -- "$@"
}

# the first line of $rest, which loses it
next_line() {
  line=${rest%%"$newline"*}
  rest=${rest#*"$newline"}
}

# content of a path as `stat` tells it: a link's target, a text, a checksum
v_content() {
  if [ -L "$1" ]; then
    readlink -n -- "$1"
  elif [ -f "$1" ] && [ "$2" = text ] && [ "${bytes%% *}" -le 1048576 ]; then
    printf 'text\n' && cat <"$1"
  elif [ -f "$1" ] && [ "$2" != none ]; then
    line=${sums%%"$newline"*}
    if [ "$2" = sha256 ] && [ "${line#*  }" = "$1" ]; then
      sums=${sums#*"$newline"}
      printf 'sha256 %s  -\n' "${line%% *}"
    else
      printf 'sha256 ' && sha256sum <"$1"
    fi
  fi
}

# stats SEPARATOR PATH CONTENT [PATH CONTENT]...: what `stat` answers to each, then LF SEPARATOR <exit code> LF. Few programs
# for many paths; once a path is not where the first look saw it, it and all after it are looked at one by one.
v_stats() {
  separator=$1
  shift
  newline='
'
  rest=$(stat_existing "$@" 2>/dev/null)$newline
  sums=$(sums_existing "$@" 2>/dev/null)$newline
  while [ $# -gt 0 ]; do
    if [ "${rest%%"$newline"*}" = "$1" ] && plain "$1"; then
      next_line
      next_line && printf '%s\n' "$line"
      bytes=${line#* * * }
      next_line && printf '%s\n' "$line"
      next_line && printf '%s\n' "$line"
      v_content "$1" "$2"
    else
      v_stat "$1" "$2"
    fi
    printf '\n%s %s\n' "$separator" $?
    shift 2
  done
}

# list PATH: names, each ended by NUL
v_list() {
  plain "$1" || return
  present "$1" %F >/dev/null
  case $? in 1) printf 'absent' && return 0 ;; 2) return 1 ;; esac
  [ -d "$1" ] || fail "$1: not a directory" || return
  { [ -r "$1" ] && [ -x "$1" ]; } || fail "$1: cannot be read" || return
  printf 'present\0'
  for entry in "${1%/}"/* "${1%/}"/.*; do
    case ${entry##*/} in . | ..) continue ;; esac
    { [ -e "$entry" ] || [ -L "$entry" ]; } && printf '%s\0' "${entry##*/}"
  done
  return 0
}

# etcd-data PATH WAL-DIR('' = in PATH): "absent", or LF-ended "member|none KiB NOW DB HEAD", where DB is 1 if there is a
# database and HEAD the first bytes of the oldest log file in hex; "size mtime" of the database and of each log file, LF-ended;
# then the other names as `list` gives them
v_etcd_data() {
  logs=${2:-${1%/}/member/wal}
  plain "$logs" || return
  path=$1
  names=$(v_list "$path" | tr '\0' '/') || return
  case $names in absent | present/*) ;; *) return 1 ;; esac
  db=0 head=
  set --
  [ ! -e "$path/member/snap/db" ] || { db=1 && set -- "$path/member/snap/db"; }
  for entry in "$logs"/*.wal; do
    [ -e "$entry" ] || continue
    # the names sort by age
    [ -n "$head" ] || head=$(head_of "$entry")
    set -- "$@" "$entry"
  done
  case $names$# in absent0) printf 'absent' && return 0 ;; esac
  evidence=member
  [ $# -gt 0 ] || evidence=none
  # files come and go while etcd runs: a size that du could not sum up whole is still a size
  blocks=$(du -sk -- "$path" 2>/dev/null)
  blocks=${blocks%%[!0-9]*}
  printf '%s %s %s %s %s\n' "$evidence" "${blocks:-0}" "$(date +%s)" "$db" "${head:--}"
  [ $# = 0 ] || stat -c '%s %Y' -- "$@" 2>/dev/null
  v_list "$path"
}

# the first 128 bytes of FILE in hex: enough for the first two records of a log file
head_of() {
  # shellcheck disable=SC2046 # the words are put together
  printf '%s' $(od -An -v -tx1 -N128 "$1" 2>/dev/null || hexdump -v -n 128 -e '1/1 "%02x"' "$1")
}

# give FILE its owner, group and mode ('' = as it is); GNU's chmod takes setuid and setgid from a directory only where a digit more says so
dress() {
  case $2:$3 in
    :) ;;
    *:) chown -- "$2" "$1" || return ;;
    *) chown -- "$2:$3" "$1" || return ;;
  esac
  [ -z "$4" ] || chmod -- "0$4" "$1"
}

# rename FROM to TO, which is no directory; a link at TO is replaced, not followed
rename_over() {
  if [ -L "$2" ] && [ -d "$2" ]; then
    # busybox puts no file in the place of a link to a directory: there, and only there, the link goes first
    mv -f -T -- "$1" "$2" 2>/dev/null || { rm -f -- "$2" && mv -f -T -- "$1" "$2"; }
  else
    mv -f -- "$1" "$2"
  fi
}

# a place for new content beside PATH; sweeps up what a killed run left there
beside() {
  plain "$1" || return
  [ ! -d "$1" ] || [ -L "$1" ] || fail "$1: is a directory" || return
  dir=${1%/*}
  [ -d "$dir/" ] || fail "$dir: no such directory" || return
  temporary=$dir/.${1##*/}.etcdctl-play.
  for entry in "$temporary"*; do
    pid=${entry#"$temporary"}
    case $pid in *[!0-9x]*) continue ;; esac
    # another run may be at work beside this one
    grep -qs play-agent "/proc/${pid%%x*}/cmdline" && continue
    { [ -f "$entry" ] || [ -L "$entry" ]; } && rm -f -- "$entry"
  done
  temporary=$temporary$$x$id
}

# write PATH SHA256 OWNER GROUP MODE MODE-IF-NEW <content: old content or new, nothing between, and never half a file
v_write() {
  beside "$1" || return
  mode=$5 owner=$3 group=$4
  if [ -f "$1" ] && [ ! -L "$1" ]; then
    old=$(stat -c '%a %u %g' -- "$1") || return
    mode=${mode:-${old%% *}} group=${group:-${old##* }}
    old=${old#* } && owner=${owner:-${old% *}}
  fi
  # exclusive creation, and from here on the open file is meant, not its name: nobody can put another one in its place
  set -C
  exec 3>"$temporary" || return
  set +C
  file=/proc/self/fd/3
  [ -e "$file" ] || file=$temporary
  if filled "$1" "$2" && still_ours && dress "$file" "$owner" "$group" "${mode:-$6}" && sync "$file" && rename_over "$temporary" "$1"; then
    sync "$dir/"
    # shellcheck disable=SC3013 # dash, bash and busybox have it
    [ "$file" = "$temporary" ] || [ "$file" -ef "$1" ] || fail "$1: replaced by somebody else meanwhile" || return
    [ ! -e /sys/fs/selinux/enforce ] || restorecon -- "$1" 2>/dev/null || :
  else
    why=$?
    rm -f -- "$temporary"
    return "$why"
  fi
}

# an upload asks again whose the host is: its content was long in coming
still_ours() {
  [ "$verb" != upload ] || [ "$fence" = - ] || fenced || return 120
}

# upload: as write, of content that comes compressed
v_upload() {
  gzip -dc | v_write "$@"
}

# the content is whole
filled() {
  cat >&3 || return
  sum=$(sha256sum <"$file") || return
  [ "${sum%% *}" = "$2" ] || fail "$1: content arrived with sha256 ${sum%% *}, wanted $2"
}

# the path whose attributes are meant: a link is followed only if root or the acting user made it
attributed() {
  subject=$1
  [ -L "$1" ] || return 0
  by=$(stat -c %u -- "$1") || return
  { [ "$by" = 0 ] || [ "$by" = "$(id -u)" ]; } || fail "$1: a symbolic link of user $by, not followed" || return
  subject=$(readlink -f -- "$1")
}

# directory PATH PARENTS(yes|'') OWNER GROUP MODE
v_directory() {
  plain "$1" || return
  if [ ! -d "$1" ]; then
    # parents are for everybody to pass through; the directory itself is closed until it has its owner
    if [ -n "$2" ]; then (umask 022 && mkdir -p -- "${1%/*}/") || return; fi
    # another run may have made it meanwhile
    mkdir -m 0700 -- "$1" || [ -d "$1" ] || return
    dress "$1" "$3" "$4" "${5:-0755}"
    return
  fi
  attributed "$1" && dress "$subject" "$3" "$4" "$5"
}

# attributes PATH RECURSIVE(yes|'') OWNER GROUP MODE
v_attributes() {
  plain "$1" && attributed "$1" || return
  if [ -z "$2" ]; then
    dress "$subject" "$3" "$4" "$5"
    return
  fi
  guarded "$subject" || return
  case $3:$4 in
    :) ;;
    *:) chown -hR -- "$3" "$subject" || return ;;
    *) chown -hR -- "$3:$4" "$subject" || return ;;
  esac
  [ -z "$5" ] || chmod -R -- "0$5" "$subject"
}

# link PATH TARGET: there is always a link, the old one or the new one
v_link() {
  beside "$1" || return
  ln -s -- "$2" "$temporary" || return
  if rename_over "$temporary" "$1"; then
    sync "$dir/"
  else
    rm -f -- "$temporary"
    return 1
  fi
}
