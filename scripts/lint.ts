// `npm run lint`: the linter, with types; further arguments are its own.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint');
const args = ['--type-aware', '--deny-warnings', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [oxlint, ...args], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
