/** One call of the program, from its arguments to its exit code. */
import {EXIT} from '../base/event.ts';
import {Redactor} from '../report/redact.ts';
import {showInputProblems} from './input-problems.ts';
import {internalProblem} from './internal.ts';
import {type Options, parseOptions} from './options.ts';
import {mayBeTrash, parseTrash} from './trash.ts';
import type {World} from './world.ts';

/** Does what the arguments say. Never rejects: a mistake in the program itself is told, with exit code 2. */
export async function runCli(world: World): Promise<number> {
  const redactor = new Redactor();
  try {
    if (world.argv[0] === 'apply') return await (await import('./apply.ts')).applyCommand(world, redactor);
    const parsed = mayBeTrash(world) ? parseTrash(world) : parseOptions(world);
    if (parsed.kind === 'exit') {
      world.stdout.write(parsed.stdout);
      world.stderr.write(parsed.stderr);
      return parsed.code;
    }
    return await runOptions(parsed.options, world, redactor);
  } catch (error) {
    world.stderr.write(redactor.clean(internalProblem(error, world)));
    return EXIT.failed;
  }
}

async function runOptions(options: Options, world: World, redactor: Redactor): Promise<number> {
  // Loaded here so that --help and --version stay quick.
  const {loadProject} = await import('./project.ts');
  const project = await loadProject(options, world, redactor);
  if (!project.ok) return showInputProblems(project.error, options, world, redactor);
  const {warnings} = project.value;
  if (options.strict && warnings.length > 0) return showInputProblems(warnings, options, world, redactor);
  if (options.list.size > 0 || options.syntaxCheck || options.graph !== undefined) {
    const {printListing} = await import('./listing.ts');
    const code = printListing(project.value, options, text => world.stdout.write(redactor.clean(text)));
    showInputProblems(warnings, options, world, redactor);
    return code;
  }
  const {runProject} = await import('./run.ts');
  if (options.planOut === undefined) return runProject(project.value, options, world, redactor);
  const {planJob} = await import('./plan-out.ts');
  const plan = planJob(options.planOut, project.value, options, world, redactor);
  if ('problems' in plan) return showInputProblems(plan.problems, options, world, redactor);
  return runProject(project.value, options, world, redactor, plan.job);
}
