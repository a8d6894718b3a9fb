/** The `ansible_…` variables that an inventory may set, as of ansible-core 2.14-2.19. */

/** What a value must look like. */
export type NameType = 'string' | 'port' | 'boolean' | 'integer' | 'any';

const STRINGS = [
  'become_exe become_flags become_method become_pass become_password become_plugin become_user',
  'connection connection_user control_path control_path_dir host password private_key_file private_key private_key_passphrase',
  'paramiko_host paramiko_pass paramiko_password paramiko_user paramiko_private_key_file paramiko_proxy_command',
  'scp_executable scp_extra_args scp_if_ssh sftp_executable sftp_extra_args shell_executable shell_type',
  'ssh_args ssh_common_args ssh_executable ssh_extra_args ssh_host ssh_pass ssh_password ssh_password_mechanism',
  'ssh_pkcs11_provider ssh_private_key ssh_private_key_file ssh_private_key_passphrase ssh_transfer_method ssh_user ssh_verbosity',
  'sshpass_prompt su_exe su_flags su_pass su_user sudo_exe sudo_flags sudo_pass sudo_password sudo_user',
  'runas_flags runas_pass runas_user user network_os remote_tmp async_dir module_compression admin_users',
  'python_interpreter common_remote_group system_tmpdirs',
];

const BOOLEANS = [
  'become host_key_checking paramiko_host_key_checking pipelining sftp_batch_mode ssh_host_key_checking ssh_pipelining ssh_use_tty',
  'shell_allow_world_readable_temp no_target_syslog no_log facts_parallel paramiko_use_rsa_sha2_algorithms',
];

const INTEGERS = ['timeout ssh_timeout ssh_retries paramiko_timeout group_priority connect_timeout command_timeout'];

const PORTS = ['port ssh_port paramiko_port'];

const OTHERS = [
  'collections config_file coverage_remote_output delegated_vars facts facts_modules interpreter_python_fallback local managed version',
];

function named(lists: readonly string[], type: NameType): [string, NameType][] {
  return lists.flatMap(list => list.split(' ').map((name): [string, NameType] => [`ansible_${name}`, type]));
}

/** Every name that is known, with the type of its value. */
export const ANSIBLE_NAMES: ReadonlyMap<string, NameType> = new Map([
  ...named(STRINGS, 'string'),
  ...named(BOOLEANS, 'boolean'),
  ...named(INTEGERS, 'integer'),
  ...named(PORTS, 'port'),
  ...named(OTHERS, 'any'),
]);

/** Variables of connection plugins that hosts in the same inventory may use, and interpreters: left alone. */
const FAMILIES =
  /^ansible_(?:(?:winrm|psrp|docker|podman|kubectl|oc|lxc|lxd|incus|libvirt|chroot|jail|zone|aws_ssm|httpapi|netconf|libssh|network_cli|persistent|nspawn|machinectl|terminal|doas|pbrun|pfexec|dzdo|ksu|enable|sesu|pmrun|docker_api)_\w+|\w+_interpreter)$/;

/** Whether Ansible or one of its usual plugins reads this variable. */
export function isAnsibleName(name: string): boolean {
  return ANSIBLE_NAMES.has(name) || FAMILIES.test(name);
}
