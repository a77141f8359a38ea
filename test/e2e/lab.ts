// A lab server for the scripts of this folder: prints `URL PATH SHA256` of one object, then serves until it is stopped.
import { hash } from 'node:crypto';
import { createLabServer } from '../../src/lab/lab-server.ts';
import { createCatalogue } from '../../src/lab/release.ts';

const release = createCatalogue({ shape: 'small' }).release(1);
const server = await createLabServer({ kind: 'officeScanServer', release });
const pattern = [...release.files.values()].find(({ kind }) => kind === 'pattern');
if (!pattern) throw new Error('the lab lists no pattern');
process.stdout.write(`${server.url} ${pattern.path} ${hash('sha256', await pattern.read())}\n`);
