/** Ids of tasks without their hosts. */

/** The step that a task is an instance of: `etcd/etcd/3-render` of `etcd/etcd/3-render[0]@10.10.10.10`. */
export function stepOf(id: string): string {
  return id.replace(/(\[\d+\])?@[^@]*$/, '');
}
