/** The root file system that all hosts of a lab share, read-only, below an overlay of their own. */
import {join} from 'node:path';
import {buildOnce, cacheDir} from './cache.ts';
import {must} from './command.ts';
import {debianArchive} from './mirror.ts';
import {type RootOptions, recipeKey, rootRecipe} from './root-recipe.ts';

/** Where the root of these options is, or will be, kept. */
export function rootPath(options: RootOptions = {}, cache = cacheDir()): string {
  const recipe = rootRecipe(options);
  return join(cache, `root-${recipe.suite}-${recipeKey(recipe)}`);
}

/** The path of the root, made now where it is not there yet (about a minute, 400 MB). */
export async function ensureRoot(
  options: RootOptions = {},
  say: (text: string) => void = () => {},
  cache = cacheDir(),
): Promise<string> {
  const recipe = rootRecipe(options);
  return buildOnce(rootPath(options, cache), async part => {
    const archive = await debianArchive();
    say(`making a Debian ${recipe.suite} root from ${archive} (once, about a minute)`);
    // a mount namespace of its own: what debootstrap mounts inside the root vanishes with it, however it ends
    const alone = ['unshare', '--mount', '--propagation', 'private', '--'];
    const include = `--include=${recipe.packages.join(',')}`;
    await must([...alone, 'debootstrap', '--variant=minbase', include, recipe.suite, part, archive]);
    const env = {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C'};
    await must([...alone, 'chroot', part, '/bin/sh', '-eu'], {input: recipe.script, env});
  });
}
