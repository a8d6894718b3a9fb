/** What decides what a task does: two tasks with one digest do the same. */
import {digest} from '../plan/canonical.ts';
import type {Task} from './task.ts';

/** A digest of a compiled task, without its place in a file: a comment above it changes nothing. */
export function taskInput({at: _, ...task}: Task): string {
  return digest(task);
}
