# shellcheck shell=sh
# The loop itself. Part of the agent, see agent.sh.

# one verb, in a subshell of its own
act() {
  case $verb in
    ping) printf 'pong' ;;
    stat) v_stat "$@" ;;
    stats) v_stats "$@" ;;
    list) v_list "$@" ;;
    etcd-data) v_etcd_data "$@" ;;
    write) v_write "$@" ;;
    upload) v_upload "$@" ;;
    directory) v_directory "$@" ;;
    attributes) v_attributes "$@" ;;
    link) v_link "$@" ;;
    remove) v_remove "$@" ;;
    quarantine) v_quarantine "$@" ;;
    user) v_user "$@" ;;
    group) v_group "$@" ;;
    system) v_system ;;
    unit) v_unit "$@" ;;
    systemctl) v_systemctl "$@" ;;
    journal) v_journal "$@" ;;
    group-add) v_group_add "$@" ;;
    user-add) v_user_add "$@" ;;
    user-remove) v_user_remove "$@" ;;
    group-remove) v_group_remove "$@" ;;
    filesystem) v_filesystem "$@" ;;
    sockets) v_sockets "$@" ;;
    drop-ins) v_drop_ins "$@" ;;
    systemd) v_systemd "$@" ;;
    machine) v_machine ;;
    names) v_names "$@" ;;
    disk-test) v_disk_test "$@" ;;
    listen) v_listen "$@" ;;
    unlisten) v_unlisten "$@" ;;
    exec) v_exec "$@" ;;
    exec-text) v_exec_text "$@" ;;
    *) fail "$verb: the agent does not know this verb" ;;
  esac
}

# the marker that ends an answer; nobody left to read it = nothing left to do
answer() {
  printf '\n%s %s %s\n' "$nonce" "$id" "$1" && printf '\n%s %s %s\n' "$nonce" "$id" "$1" >&2 || exit 0
}

failed=none
id=0
answer ready
while read -r id batch verb count size seconds; do
  accepted=0
  set --
  while [ "$count" -gt 0 ]; do
    IFS= read -r argument || exit 0
    case $argument in
      *\\*)
        # the dot keeps newlines at the end, which a substitution would drop
        argument=$(printf '%b.' "$argument")
        argument=${argument%.}
        ;;
    esac
    set -- "$@" "$argument"
    count=$((count - 1))
  done
  case $verb in exec | exec-text) accepted=$1 ;; esac
  if [ "$batch" != 0 ] && [ "$batch" = "$failed" ]; then
    [ "$size" = 0 ] || payload >/dev/null
    answer skipped
    continue
  fi
  if [ "$size" = 0 ]; then
    (act "$@") </dev/null
  else
    payload | {
      (act "$@")
      status=$?
      # what the verb did not read must not be taken for the next request
      cat >/dev/null
      exit "$status"
    }
  fi
  status=$?
  case " $accepted " in *" $status "* | ' any ') ;; *) failed=$batch ;; esac
  answer "$status"
done
exit 0
