// Preloaded: kills the process before the n-th call that changes the store, n from the environment.
// Nothing is mocked: all calls before go through. A tracer could do the same, five times slower.
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

let left = Number(process.env['DIE_AT']);

function counted(owner: object, name: string): void {
  const real = Reflect.get(owner, name) as (...args: unknown[]) => unknown;
  Reflect.set(owner, name, function call(this: unknown, ...args: unknown[]): unknown {
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
    return real.apply(this, args);
  });
}

for (const name of ['mkdir', 'rename', 'rm']) counted(fs, name);
await using handle = await fs.open(import.meta.filename);
for (const name of ['write', 'writeFile', 'appendFile', 'sync']) counted(Object.getPrototypeOf(handle) as object, name);
syncBuiltinESMExports();
