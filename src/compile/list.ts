/** `--list-hosts`, `--list-tasks`, `--list-tags`, in the layout of ansible-playbook. */
import {groupBy} from '../base/group-by.ts';
import type {Compiled} from './input.ts';
import type {PlayOutline} from './outline.ts';

/** Which of the lists to print. */
export interface ListChoice {
  readonly hosts?: boolean;
  readonly tasks?: boolean;
  readonly tags?: boolean;
}

/** The lists as text, a line break at the end. */
export function listText({outline}: Pick<Compiled, 'outline'>, choice: ListChoice): string {
  const byPlaybook = groupBy(outline, play => play.playbook);
  const parts = [...byPlaybook].flatMap(([playbook, plays]) => [
    '',
    `playbook: ${playbook}`,
    ...plays.flatMap((play, index) => ['', ...playLines(play, index + 1, choice)]),
  ]);
  return `${parts.join('\n')}\n`;
}

function playLines(play: PlayOutline, number: number, {hosts, tasks, tags}: ListChoice): string[] {
  const chosen = play.tasks.filter(task => task.isChosen);
  const all = [...new Set(chosen.flatMap(task => task.tags))].sort();
  const pattern = play.pattern.map(part => `'${part}'`).join(', ');
  return [
    `  play #${number} (${play.pattern.join(',')}): ${play.name}\tTAGS: [${play.tags.join(',')}]`,
    ...(hosts
      ? [`    pattern: [${pattern}]`, `    hosts (${play.hosts.length}):`, ...play.hosts.map(host => `      ${host}`)]
      : []),
    ...(tasks ? ['    tasks:', ...chosen.map(taskLine)] : []),
    ...(tags ? [`      TASK TAGS: [${all.join(', ')}]`] : []),
  ];
}

function taskLine({role, name, tags}: PlayOutline['tasks'][number]): string {
  return `      ${role === undefined ? '' : `${role} : `}${name}\tTAGS: [${tags.join(', ')}]`;
}
