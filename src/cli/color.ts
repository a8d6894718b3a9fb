/** Whether to colour: apart from the views, so that a mistake in the input is shown without loading them. */
import type {Options} from './options.ts';
import type {World} from './world.ts';

/** Whether text for a screen is coloured. */
export function isColored(
  {color}: Pick<Options, 'color'>,
  {isTTY}: {readonly isTTY: boolean},
  env: World['env'],
): boolean {
  return color && ((isTTY && env['TERM'] !== 'dumb') || !['', '0', undefined].includes(env['FORCE_COLOR']));
}
