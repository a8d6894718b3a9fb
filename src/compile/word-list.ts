/** The words of plays, blocks and tasks: which are known, and what to do instead of those that are not supported. */

/** Words that a task takes from around it unless it says otherwise; lists (`environment`) add up. */
export const INHERITED = [
  'become',
  'become_user',
  'environment',
  'run_once',
  'delegate_to',
  'ignore_errors',
  'no_log',
  'check_mode',
  'any_errors_fatal',
] as const;

/** One of the inherited words. */
export type InheritedWord = (typeof INHERITED)[number];

/** Words that are read and change nothing here: facts are never gathered, hosts never wait for each other. */
const WITHOUT_EFFECT = [
  'become_method',
  'become_flags',
  'collections',
  'debugger',
  'diff',
  'throttle',
  'timeout',
] as const;

/** Words common to blocks and tasks. */
const COMMON = ['name', 'tags', 'when', 'vars', ...INHERITED, ...WITHOUT_EFFECT] as const;

/** Words of a play. */
export const PLAY_WORDS: ReadonlySet<string> = new Set([
  ...COMMON.filter(word => word !== 'when' && word !== 'delegate_to'),
  'hosts',
  'vars_files',
  'roles',
  'pre_tasks',
  'tasks',
  'post_tasks',
  'handlers',
  'serial',
  'max_fail_percentage',
  'connection',
  'strategy',
  'gather_facts',
  'gather_subset',
  'gather_timeout',
  'fact_path',
  'order',
  'force_handlers',
  'beyond_limit',
]);

/** Words of a block. */
export const BLOCK_WORDS: ReadonlySet<string> = new Set([...COMMON, 'block', 'notify']);

/** Words of a task beside its kind. */
export const TASK_WORDS: ReadonlySet<string> = new Set([
  ...COMMON,
  'args',
  'action',
  'local_action',
  'loop',
  'loop_control',
  'with_items',
  'with_list',
  'with_dict',
  'notify',
  'listen',
  'register',
  'changed_when',
  'failed_when',
  'until',
  'retries',
  'delay',
]);

/** Words of a role's entry in `roles:`; every other key is a parameter of the role. */
export const ROLE_WORDS: ReadonlySet<string> = new Set([...COMMON, 'role']);

/** Ansible's words that mean something we do not do, with the way out. */
export const UNSUPPORTED: ReadonlyMap<string, string> = new Map([
  ['rescue', 'make the step idempotent and let it fail: the run stops on that host and can be repeated.'],
  ['always', 'put the tasks after the block: a host that failed does not go on.'],
  ['vars_prompt', 'pass the value with -e name=value, or -e @file for a secret.'],
  ['async', 'leave it out: a task may run as long as it needs.'],
  ['poll', 'leave it out: a task may run as long as it needs.'],
  ['module_defaults', 'write the arguments at each task, or keep them in a variable.'],
  [
    'connection',
    'write "delegate_to: localhost" for a step on the controller, or set ansible_connection in the inventory.',
  ],
  ['delegate_facts', 'leave it out: a registered result belongs to the host that the task is about.'],
  ['remote_user', 'set ansible_user in the inventory, or use -u.'],
  ['port', 'set ansible_port in the inventory.'],
  ['ignore_unreachable', 'leave it out: other hosts go on whatever happens to one.'],
  ['with_fileglob', 'list the files with "loop".'],
  ['with_subelements', 'use "loop" with the subelements or product filter.'],
  ['with_nested', 'use "loop" with the product filter.'],
  ['with_together', 'use "loop" with the zip filter.'],
  ['with_sequence', 'use "loop: \\"{{ range(1, 4) | list }}\\"".'],
  ['with_first_found', 'name the file, or choose it with "{{ a if … else b }}".'],
  ['with_indexed_items', 'use "loop" with loop_control.index_var.'],
  ['with_flattened', 'use "loop" with the flatten filter.'],
  ['with_lines', 'use "loop" over a list in a variable.'],
  ['with_random_choice', 'a task graph is the same for the same input: name the item.'],
]);
