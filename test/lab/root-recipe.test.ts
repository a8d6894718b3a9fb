import {execFileSync} from 'node:child_process';
import {expect, test} from 'vitest';
import {recipeKey, rootRecipe} from '../../src/lab/root-recipe.ts';

test('every change of the recipe makes another root', () => {
  const recipe = rootRecipe();
  const keys = [
    recipe,
    rootRecipe({python: true}),
    {...recipe, suite: 'trixie'},
    {...recipe, script: `${recipe.script}\n`},
  ].map(recipeKey);
  expect(new Set(keys).size).toBe(4);
  expect(recipeKey(rootRecipe())).toBe(keys[0]);
});

test('the set-up script is valid for a POSIX shell', () => {
  expect(execFileSync('sh', ['-n'], {input: rootRecipe().script, encoding: 'utf8'})).toBe('');
});
