/** What the lab says when the machine does not do what it needs. */

/** A failure of the lab with a sentence for the user; the lab is a tool beside the program, so it throws. */
export class LabError extends Error {
  override readonly name = 'LabError';
}
