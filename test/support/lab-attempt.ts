import type { LabServer } from '../../src/lab/lab-server.ts';
import type { Attempt } from '../../src/policy/decision.ts';

/** A server of the lab as an entry of the customized update source list. */
export function attempt({ componentsUrl: url }: LabServer, change: Partial<Attempt> = {}): Attempt {
  return { source: url, url, type: 'customized', reason: 'the test says so', patternsOnly: false, ...change };
}
