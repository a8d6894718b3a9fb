# shellcheck shell=sh
# Taking things away: guarded, never through a link, data only aside. Part of the agent, see agent.sh.

# refuse what no run may take away: the directories and files that a system is made of
guarded() {
  plain "$1" || return
  case $1 in
    /bin/* | /sbin/* | /lib/* | /lib32/* | /lib64/* | /boot/* | /dev/* | /proc/* | /sys/*) ;;
    /usr/local/bin | /usr/local/sbin | /usr/local/lib | /usr/local/lib64 | /usr/local/libexec | /usr/local/etc) ;;
    /usr/local/share | /usr/local/include | /usr/local/src | /usr/local/man | /usr/lib/systemd | /usr/lib/systemd/system) ;;
    /usr/local/* | /usr/lib/systemd/* | /home/*/*) return 0 ;;
    # of /usr, files may go, directories may not
    /usr/*/*) { [ -d "$1" ] && [ ! -L "$1" ]; } || return 0 ;;
    /usr/* | /home/*) ;;
    /etc/passwd | /etc/group | /etc/shadow | /etc/gshadow | /etc/fstab | /etc/hosts | /etc/sudoers | /etc/sudoers.d) ;;
    /etc/ssh | /etc/systemd | /etc/systemd/system | /etc/pam.d | /etc/security | /etc/ssl | /etc/ssl/certs | /etc/pki) ;;
    /etc/default | /etc/sysconfig | /etc/init.d | /etc/cron.d | /etc/apt | /etc/yum.repos.d | /etc/profile.d) ;;
    /var/lib | /var/log | /var/cache | /var/spool | /var/mail | /var/tmp | /var/run | /var/lock | /var/opt | /var/backups) ;;
    /var/lib/dpkg | /var/lib/rpm | /var/lib/systemd | /var/lib/etcdctl-play | /var/lib/etcdctl-play/trash) ;;
    /run/systemd | /root/.ssh) ;;
    /*/*) return 0 ;;
  esac
  fail "$1: refused, the system needs it"
}

# set `dir` and `name` of PATH to what they really are, and go there; refuses system directories and mount points
enter() {
  guarded "$1" || return
  name=${1##*/}
  dir=$(cd -P -- "${1%/*}/" && pwd -P) || return
  guarded "${dir%/}/$name" || return
  while read -r _ mount _; do
    case $mount in
      "${dir%/}/$name"/*) fail "$1: refused, $mount is mounted below it" || return ;;
      "${dir%/}/$name") [ "$2" = mount ] || fail "$1: refused, it is a mount point" || return ;;
    esac
  done </proc/self/mounts
  cd -P -- "$dir" || return
}

# remove PATH: a link itself, never what it points to
v_remove() {
  guarded "$1" || return
  present "$1" %F >/dev/null
  case $? in 1) return 0 ;; 2) return 1 ;; esac
  enter "$1" '' && rm -rf -- "./$name"
}

# quarantine PATH TRASH <manifest: moves PATH aside and prints where it is now
v_quarantine() {
  guarded "$1" && plain "$2" || return
  kind=$(present "$1" %F)
  case $? in 1) fail "$1: nothing there" || return ;; 2) return 1 ;; esac
  enter "$1" mount || return
  (umask 077 && mkdir -p -- "$2") || return
  stamp=$(date -u +%Y%m%dT%H%M%SZ) || return
  box=$2/$stamp-$name
  more=
  while ! mkdir -- "$box${more:+-$more}" 2>/dev/null; do
    more=$((${more:-1} + 1))
    [ "$more" -lt 100 ] || fail "$box: cannot be made" || return
  done
  box=$box${more:+-$more}
  cat >"$box/manifest.json" || return
  if [ "$kind" = directory ] && mountpoint -q "./$name"; then
    place=${dir%/}/$name/.trash-$stamp${more:+-$more}
    printf '%s\n' "$place" >"$box/location" && sync && empty_into "$place" || return
  else
    place=$box/data
    [ "$(stat -c %d -- "./$name")" = "$(stat -c %d -- "$box")" ] || place=${dir%/}/$name.trash-$stamp${more:+-$more}
    printf '%s\n' "$place" >"$box/location" && sync || return
    { [ ! -e "$place" ] && mv -- "./$name" "$place"; } || return
  fi
  sync
  printf '%s' "$place"
}

# a mount point cannot be renamed: what is in it moves into a directory of its own
empty_into() {
  mkdir -- "$1" || return
  for entry in "./$name"/* "./$name"/.*; do
    case ${entry##*/} in . | .. | lost+found | .trash-*) continue ;; esac
    { [ -e "$entry" ] || [ -L "$entry" ]; } || continue
    mv -- "$entry" "$1/" || return
  done
}
