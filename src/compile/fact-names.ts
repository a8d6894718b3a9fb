/** Names that Ansible's fact gathering would define: they get a better answer than "undefined". */

const PREFIXES =
  /^ansible_(all_ipv|apparmor|architecture|bios|board|chassis|cmdline|date_time|default_ipv|device|distribution|dns|domain|effective_|env$|eth|facts$|fips|form_factor|fqdn|hostname|interfaces|is_chroot|iscsi|kernel|lo$|local$|locally|loadavg|lsb|lvm|machine|mem|mounts|nodename|os_family|pkg_mgr|proc|product|python|real_|selinux|service_mgr|ssh_host_key|swap|system|uptime|user_(dir|gecos|gid|id|shell|uid)|userspace|virtualization)/;

/** Whether a name is one of Ansible's facts. */
export function isFactName(name: string): boolean {
  return PREFIXES.test(name) && name !== 'ansible_python_interpreter';
}
