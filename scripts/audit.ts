// `npm run audit`: whether a known flaw is in what the relay runs with. A registry that answers no such question is no failure.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

interface Report {
  /** Missing where the registry gave no report. */
  readonly auditReportVersion?: number;
  readonly message?: string;
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range: string }>>;
}

const root = join(import.meta.dirname, '..');
const { stdout } = spawnSync('npm', ['audit', '--json', '--omit=dev'], { cwd: root, encoding: 'utf8' });
const report = parsed(stdout);

if (report.auditReportVersion === undefined) {
  process.stdout.write(
    `audit: the registry gives no report (${report.message ?? 'it answers nothing'}): nothing is known\n`,
  );
} else {
  const found = Object.entries(report.vulnerabilities ?? {});
  for (const [name, { severity, range }] of found) process.stdout.write(`audit: ${severity}: ${name} ${range}\n`);
  process.stdout.write(`audit: ${found.length} of the packages the relay runs with have a known flaw\n`);
  process.exitCode = found.length > 0 ? 1 : 0;
}

function parsed(text: string): Report {
  try {
    return JSON.parse(text) as Report;
  } catch {
    return {};
  }
}
