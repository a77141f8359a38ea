// `npm run docs`: writes every generated document.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles } from './reference.ts';

for (const [file, text] of Object.entries(await generatedFiles())) {
  const target = join(import.meta.dirname, '..', file);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
  process.stdout.write(`${file}\n`);
}
