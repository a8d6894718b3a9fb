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
  # bash leaves the two slashes of a link to the root as they are
  [ "$dir" != // ] || dir=/
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

