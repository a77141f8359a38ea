import type { Contender } from './contender.ts';

/** No server, but what a script would fetch a release with; here for its version. */
export const curl: Pick<Contender, 'name' | 'needs' | 'version'> = {
  name: 'curl',
  needs: { program: 'curl', package: 'curl' },
  version: ['curl', '--version'],
};
