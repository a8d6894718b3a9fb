/** What a host of the lab is made of: everything here is hashed, so a change makes a new root. */
import {createHash} from 'node:crypto';

/** A user of every lab host; `sudoPassword` undefined = sudo without a password, null = no sudo at all. */
export interface LabUser {
  readonly name: string;
  readonly uid: number;
  readonly shell: string;
  readonly sudoPassword?: string | null;
}

/** The users of every lab host; root and all of these take the lab's key. */
export const LAB_USERS: readonly LabUser[] = [
  {name: 'ops', uid: 1001, shell: '/bin/bash'},
  {name: 'opspw', uid: 1002, shell: '/bin/bash', sudoPassword: 'lab-Pa$$ "word"'},
  {name: 'opsfish', uid: 1003, shell: '/usr/bin/fish'},
  {name: 'opsdash', uid: 1004, shell: '/bin/dash'},
  {name: 'plain', uid: 1005, shell: '/bin/bash', sudoPassword: null},
];

/** Which root: the minimal one, or one that Ansible can manage too. */
export interface RootOptions {
  /** Adds python3 and python3-apt, for comparisons with Ansible. */
  readonly python?: boolean;
}

/** Everything that a root is made from. */
export interface Recipe {
  readonly suite: string;
  readonly packages: readonly string[];
  /** POSIX sh, run with `-eu` inside the new root. */
  readonly script: string;
}

const PACKAGES = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'openssh-server',
  'iproute2',
  'sudo',
  'ca-certificates',
  'busybox',
  'fish',
];

/** fish would bring Python along, and a host that has it would hide that something needs it. */
const WITHOUT_PYTHON = `dpkg --purge --force-depends $(dpkg-query -W -f '\${Package}\\n' | grep python)\n`;

const MASKED = [
  'systemd-resolved.service',
  'systemd-networkd-wait-online.service',
  'systemd-timesyncd.service',
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'fstrim.timer',
  'man-db.timer',
  'console-getty.service',
];

/** The recipe of a root. */
export function rootRecipe(options: RootOptions = {}): Recipe {
  const packages = options.python === true ? [...PACKAGES, 'python3', 'python3-apt'] : PACKAGES;
  return {suite: 'bookworm', packages, script: (options.python === true ? '' : WITHOUT_PYTHON) + setUpScript()};
}

/** A short name for exactly this recipe. */
export function recipeKey(recipe: Recipe): string {
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12);
}

function setUpScript(): string {
  return [
    ': > /etc/machine-id',
    ': > /etc/resolv.conf',
    'rm -f /var/lib/dbus/machine-id /etc/ssh/ssh_host_* /etc/hostname',
    'rm -f /var/cache/apt/archives/*.deb /var/lib/apt/lists/*_*',
    'systemctl -q enable systemd-networkd ssh',
    ...MASKED.map(unit => `ln -sf /dev/null /etc/systemd/system/${unit}`),
    'mkdir -p -m 700 /root/.ssh',
    ...LAB_USERS.flatMap(userLines),
    'chmod 440 /etc/sudoers.d/*',
    '',
  ].join('\n');
}

function userLines(user: LabUser): string[] {
  const lines = [
    `useradd -m -u ${user.uid} -s ${user.shell} ${user.name}`,
    `mkdir -m 700 /home/${user.name}/.ssh && chown ${user.name}: /home/${user.name}/.ssh`,
  ];
  if (user.sudoPassword === null) return lines;
  if (user.sudoPassword === undefined)
    return [...lines, `echo '${user.name} ALL=(ALL:ALL) NOPASSWD: ALL' > /etc/sudoers.d/${user.name}`];
  return [
    ...lines,
    `echo '${user.name} ALL=(ALL:ALL) ALL' > /etc/sudoers.d/${user.name}`,
    `printf '%s\\n' '${user.name}:${user.sudoPassword}' | chpasswd`,
  ];
}
