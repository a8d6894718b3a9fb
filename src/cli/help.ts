/** The end of `--help`. */

/** Commands that people copy. */
export const EXAMPLES = `
Examples:
  etcdctl-play etcd.yml                                  create or converge every cluster in the inventory
  etcdctl-play etcd.yml --check --diff                   show what would change, change nothing
  etcdctl-play etcd.yml --plan-out p.json                the same, saved ...
  etcdctl-play apply p.json                              ... and done exactly so, if nothing has moved meanwhile
  etcdctl-play etcd.yml -l etcd-test                     only the hosts of one group
  etcdctl-play etcd.yml -l 10.10.10.11 -e etcd_init=existing
                                                         add one member to a running cluster
  etcdctl-play etcd.yml -t etcd_conf,etcd_env            only some steps
  etcdctl-play trash list                                what has been moved aside (also: restore, expire)
  etcdctl-play etcd.yml --list-tasks                     what there is to do, without asking any host
  etcdctl-play etcd.yml --syntax-check --output json     every mistake of the input, for a CI job

Exit codes:
  0 done   1 mistakes in the input, no host touched   2 a task failed   3 a safety rule refused
  4 a host could not be reached   130 interrupted

Without -i the inventory is the value of ETCDCTL_PLAY_INVENTORY or ANSIBLE_INVENTORY, else inventory.yml,
inventory/inventory.yml, inventory/hosts.yml, hosts.yml or pigsty.yml in the current directory.`;
