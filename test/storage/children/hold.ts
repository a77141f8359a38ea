// Opens the store in argv[2], says `held` or the code of what stopped it, and keeps the store until its input ends.
import { once } from 'node:events';
import { isRelayError } from '../../../src/errors/relay-error.ts';
import { openStore } from '../../../storage/open-store.ts';

const [, , path = ''] = process.argv;
try {
  const store = await openStore({ path, maxSize: 1_000_000, minFree: 0, keepGenerations: 3 });
  process.stdout.write('held\n');
  await once(process.stdin.resume(), 'end');
  await store.close();
} catch (error) {
  process.stdout.write(`${isRelayError(error) ? error.code : String(error)}\n`);
}
