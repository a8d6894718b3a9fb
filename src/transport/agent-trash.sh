# shellcheck shell=sh
# Data moved aside, and back. Part of the agent, see agent.sh. In TRASH, which is root's alone, each entry is a directory with
# manifest.json (what the controller knows), host (what the host knew), path (where it was) and location (where it is now).

# every directory above PATH belongs to root, to the acting user or to OWNER, and lets nobody else put things there
trusted() {
  above=${1%/*}
  set -- "$1" "$2"
  while [ -n "$above" ]; do
    set -- "$@" "$above"
    above=${above%/*}
  done
  owner=$2
  shift 2
  me=$(id -u)
  stat -c '%u %U %f %n' -- / "$@" | while read -r uid user bits where; do
    case $uid in 0 | "$me") ;; *) [ -n "$owner" ] && [ "$user" = "$owner" ] || fail "$where: refused, it belongs to $user" || exit ;; esac
    bits=$((0x$bits))
    # a link's mode says nothing, and in a directory like /tmp nobody can touch what is not theirs
    [ $((bits & 0170002)) -ne $((0040002)) ] || { [ $((bits & 01000)) -ne 0 ] && [ "$uid" = 0 ]; } ||
      fail "$where: refused, everybody may write there" || exit
  done
}

# the unit does not run
at_rest() {
  [ -n "$1" ] || return 0
  unit_name "$1" || return
  state=$(limit systemctl is-active -- "$1" 2>/dev/null)
  case $state in active | activating | reloading | deactivating) fail "$1 is $state: refused, stop it first" ;; esac
}

# TRASH is there, and nobody but us can look into it or change it
private() {
  plain "$1" || return
  (umask 077 && mkdir -p -- "$1") && trusted "$1" '' || return
  [ -d "$1" ] && [ ! -L "$1" ] || fail "$1: refused, no directory" || return
  state=$(stat -c '%u %a' -- "$1") && me=$(id -u) || return
  case $state in "$me 700" | "$me 2700") ;; *) fail "$1: refused, it has to be private (mode 0700, ours), and has owner and mode $state" ;; esac
}

# what the host knows of what is in `./$name`
host_facts() {
  read -r up _ </proc/uptime
  printf 'date=%s\nepoch=%s\nuptime=%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(date +%s)" "$up" || return
  stat -c 'owner=%U
group=%G
mode=%a' -- "./$name"
}

# quarantine PATH TRASH UNIT OWNER <manifest: moves PATH aside and prints where it is now
v_quarantine() {
  guarded "$1" || return
  kind=$(present "$1" %F)
  case $? in 1) fail "$1: nothing there" || return ;; 2) return 1 ;; esac
  [ ! -L "$1" ] || fail "$1: refused, a symbolic link: name the directory itself" || return
  at_rest "$3" && trusted "$1" "$4" && enter "$1" mount && trusted "${dir%/}/$name" "$4" && private "$2" || return
  stamp=$(date -u +%Y%m%dT%H%M%SZ) || return
  box=$2/$stamp-$name
  more=
  while ! mkdir -- "$box${more:+-$more}" 2>/dev/null; do
    more=$((${more:-1} + 1))
    [ "$more" -lt 100 ] || fail "$box: cannot be made" || return
  done
  box=$box${more:+-$more}
  cat >"$box/manifest.json" && host_facts >"$box/host" && printf '%s\n' "${dir%/}/$name" >"$box/path" || return
  if [ "$kind" = directory ] && mountpoint -q "./$name"; then
    place=${dir%/}/$name/.trash-$stamp${more:+-$more}
    printf '%s\n' "$place" >"$box/location" && sync && mkdir -- "$place" && pour "./$name" "$place" || return
  else
    place=$box/data
    [ "$(stat -c %d -- "./$name")" = "$(stat -c %d -- "$box")" ] || place=${dir%/}/$name.trash-$stamp${more:+-$more}
    printf '%s\n' "$place" >"$box/location" && sync || return
    { [ ! -e "$place" ] && mv -- "./$name" "$place"; } || return
  fi
  sync
  printf '%s' "$place"
}

# a mount point cannot be renamed: what is in FROM moves to TO
pour() {
  for entry in "$1"/* "$1"/.*; do
    case ${entry##*/} in . | .. | lost+found | .trash-*) continue ;; esac
    { [ -e "$entry" ] || [ -L "$entry" ]; } || continue
    mv -- "$entry" "$2/" || return
  done
}

# set `box`, `path` and `place` to what entry ID of TRASH says
opened() {
  case $2 in '' | .* | */*) fail "\"$2\": not the name of an entry" || return ;; esac
  private "$1" || return
  box=$1/$2
  [ -d "$box" ] && [ ! -L "$box" ] || fail "$2: there is no such entry in $1" || return
  path=$(cat <"$box/path") && place=$(cat <"$box/location") && guarded "$path" || return
  case $place in "$box/data" | "$path".trash-* | "$path"/.trash-*) ;; *) fail "$box/location: refused, $place is no place of ours" ;; esac
}

# is the place free? an empty directory is
free() {
  [ ! -L "$1" ] || return
  for entry in "$1"/* "$1"/.*; do
    case ${entry##*/} in . | .. | lost+found | .trash-*) continue ;; esac
    { [ -e "$entry" ] || [ -L "$entry" ]; } && return 1
  done
  [ -d "$1" ] || [ ! -e "$1" ]
}

# trash TRASH: words, each ended by NUL: the host's clock, then of each entry its id, path, location, free|taken, KiB ('' = it is
# gone), `host` and manifest
v_trash() {
  plain "$1" || return
  printf '%s\0' "$(date +%s)"
  for box in "$1"/*; do
    if [ -L "$box" ] || [ ! -f "$box/manifest.json" ]; then continue; fi
    path=$(cat <"$box/path") place=$(cat <"$box/location") blocks=
    [ ! -d "$place" ] || blocks=$(du -sk -- "$place" 2>/dev/null)
    state=taken
    [ -z "$path" ] || ! free "$path" || state=free
    printf '%s\0%s\0%s\0%s\0%s\0%s\0%s\0' "${box##*/}" "$path" "$place" "$state" "${blocks%%[!0-9]*}" \
      "$(cat <"$box/host")" "$(cat <"$box/manifest.json")"
  done 2>/dev/null
  return 0
}

# restore TRASH ID UNIT OWNER: back to where it was, which has to be free; prints that path
v_restore() {
  at_rest "$3" && opened "$1" "$2" || return
  [ -d "$place" ] && [ ! -L "$place" ] || fail "$place: the data is not there any more" || return
  free "$path" || fail "$path: refused, something is there" || return
  trusted "$path" "$4" && enter "$path" mount || return
  account='' team=''
  while read -r line; do
    case $line in owner=*) account=${line#owner=} ;; group=*) team=${line#group=} ;; esac
  done <"$box/host"
  { [ -n "$account" ] && [ -n "$(entry passwd "$account")" ] && [ -n "$(entry group "$team")" ]; } ||
    fail "user $account and group $team own the data, and are not there: make them first (-t etcd_dir)" || return
  if [ "${place%/*}" = "$path" ]; then
    pour "$place" "./$name" && rmdir -- "$place" || return
  else
    [ ! -d "./$name" ] || rmdir -- "./$name" || return
    mv -- "$place" "./$name" || return
  fi
  # the account may have been made anew meanwhile, with another number
  [ "$account:$team" = "$(stat -c %U:%G -- "./$name")" ] || chown -hR -- "$account:$team" "./$name" || return
  rm -rf -- "$box"
  sync
  printf '%s' "$path"
}

# expire TRASH ID: deletes an entry
v_expire() {
  opened "$1" "$2" || return
  if [ -e "$place" ] || [ -L "$place" ]; then
    (guarded "$place" && enter "$place" '' && rm -rf -- "./$name") || return
  fi
  rm -rf -- "$box"
}
