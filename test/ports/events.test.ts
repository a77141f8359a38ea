import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { EVENTS, silentEvents } from '../../src/ports/events.ts';
import { root } from '../support/tool.ts';

const entries = Object.entries(EVENTS);

t.test('every event has a name of two parts, a level, and half a sentence', async (t) => {
  for (const [name, { level, message }] of entries) {
    t.match(name, /^[a-z]+\.[a-z]+(-[a-z]+)*$/);
    t.ok(['debug', 'info', 'warn', 'error'].includes(level), name);
    t.notMatch(message, /^\s|^[A-Z]|[.\s]$|\n|'/, `${name}: ${message}`);
    t.notMatch(message.replace(/\{[a-z][A-Za-z0-9]*\}/g, ''), /[{}]/, `${name}: every brace is of a field`);
  }
});

t.test('no field takes the place of what every line has', async (t) => {
  for (const [name, { message }] of entries) t.notMatch(message, /\{(level|time|event|msg)\}/, name);
});

t.test('no event is left that nobody tells any more', async (t) => {
  const sources = globSync(['src/**/*.ts', 'plugins/**/*.ts', 'storage/**/*.ts'], { cwd: root })
    .filter((file) => file !== 'src/ports/events.ts')
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n');
  t.strictSame(
    entries.map(([name]) => name).filter((name) => !sources.includes(`emit('${name}'`)),
    [],
  );
});

t.test('nobody has to listen', async (t) => {
  t.doesNotThrow(() => silentEvents.emit('relay.stopped', {}));
});
