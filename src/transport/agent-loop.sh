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
    trash) v_trash "$@" ;;
    restore) v_restore "$@" ;;
    expire) v_expire "$@" ;;
    user) v_user "$@" ;;
    group) v_group "$@" ;;
    system) v_system ;;
    listener) v_listener "$@" ;;
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
    run-state) v_run_state ;;
    lock) v_lock "$@" ;;
    unlock) v_unlock "$@" ;;
    critical) v_critical "$@" ;;
    settle) v_settle "$@" ;;
    *) fail "$verb: the agent does not know this verb" ;;
  esac
}

# the marker that ends an answer; nobody left to read it = nothing left to do. Inside a critical step: a line in its record
answer() {
  if [ -n "$record" ]; then
    printf '%s %s\n' "$id" "$1" >>"$record/steps"
  else
    printf '\n%s %s %s\n' "$nonce" "$id" "$1" && printf '\n%s %s %s\n' "$nonce" "$id" "$1" >&2 || exit 0
  fi
}

# do the request, with "$@" as arguments; its exit code is left in `status`
perform() {
  # children do not get the lock: one that stays behind would hold it
  if [ "$size" = 0 ]; then
    (act "$@") 9<&- </dev/null
  else
    payload | {
      (act "$@") 9<&-
      status=$?
      # what the verb did not read must not be taken for the next request
      cat >/dev/null
      exit "$status"
    }
  fi
  status=$?
}

# answer requests until the input ends
serve() {
  while read -r id batch verb count size seconds fence; do
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
    case $verb in
      exec | exec-text) accepted=$1 ;;
      more)
        eval "$(payload)"
        answer 0
        continue
        ;;
    esac
    status=
    if [ "$batch" != 0 ] && [ "$batch" = "$failed" ]; then
      status=skipped
    elif [ "$fence" != - ] && ! fenced; then
      status=superseded
    fi
    if [ -n "$status" ]; then
      [ "$size" = 0 ] || payload >/dev/null
    else
      # an upload is long in coming: it takes the lock when it is here
      [ "$verb" != upload ] || exec 9<&-
      perform "$@"
      case $verb$status in
        lock0) hold "$1" ;;
        unlock0) held= ;;
        upload120) [ "$fence" = - ] || status=superseded ;;
      esac
      if [ "$fence" != - ] && [ "$verb" != upload ]; then
        [ ! -w "$locks/lease" ] || renew
        exec 9<&-
      fi
    fi
    case " $accepted skipped " in *" $status "* | ' any skipped ') ;; *) failed=$batch wrong=$status ;; esac
    answer "$status"
  done
}

failed=none
record=
id=0
answer ready
serve
exit 0
