/** From the facts of a task to what `etcd/` judges. */
import type {States} from '../etcd/facts.ts';
import type {MemberArg} from './etcd-members.ts';
import type {EtcdFact, Fact} from './fact.ts';

/** What each member said, by name; a member whose host is lost counts as silent. */
export function statesOf(members: readonly MemberArg[], facts: Readonly<Record<string, Fact | undefined>>): States {
  return new Map(members.map(({name}) => [name, facts[`etcd:${name}`] as EtcdFact]));
}
