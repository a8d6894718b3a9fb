/** What a person sees when the program itself is wrong. */
import type {World} from './world.ts';

/** One paragraph: what happened, that it is ours, what to send. */
export function internalProblem(
  error: unknown,
  {version, runtime}: Pick<World, 'version' | 'runtime'>,
  logPath?: string,
): string {
  const trace = error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
  const log = logPath === undefined ? '' : ` The log of the run is ${logPath}.`;
  return [
    `E_INTERNAL this is a mistake in etcdctl-play ${version} (${runtime}), not in your input.${log}`,
    ...trace.split('\n').map(line => `  ${line}`),
    '  hint: run the same command again, it goes on from where it is; if this comes back, report these lines.',
    '',
  ].join('\n');
}
