// A lab server for the scripts of this folder: prints `URL PATH SHA256 SIZE` of one object, then serves until it is stopped.
//   node test/e2e/lab.ts [SCALE]      sizes as of a real release are scale 1; a thousandth of it, unless told otherwise
import { hash } from 'node:crypto';
import { createLabServer } from '../../src/lab/lab-server.ts';
import { createCatalogue } from '../../src/lab/release.ts';

const scale = Number(process.argv[2] ?? 0.001);
const release = createCatalogue({ shape: 'small', scale }).release(1);
const server = await createLabServer({ kind: 'officeScanServer', release });
const pattern = [...release.files.values()].find(({ kind }) => kind === 'pattern');
if (!pattern) throw new Error('the lab lists no pattern');
const sha256 = hash('sha256', await pattern.read());
process.stdout.write(`${server.url} ${pattern.path} ${sha256} ${pattern.size}\n`);
