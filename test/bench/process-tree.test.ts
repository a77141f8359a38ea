import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { cpuSeconds, residentBytes } from '../../bench/processes/process-tree.ts';

t.test('CPU time and memory are those of a process and all below it', async (t) => {
  // The child of a child works, tells who it is when it has, and waits.
  const work = `const used = () => process.cpuUsage().user; const until = used() + 300_000; while (used() < until);`;
  const script = `${work} console.log(process.pid); setInterval(() => {}, 1000)`;
  const child = spawn('sh', ['-c', '"$0" -e "$1"; true', process.execPath, script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] },
  });
  const ended = once(child, 'exit');
  const [line] = await once(child.stdout, 'data');
  const worker = Number(String(line));
  t.teardown(async () => {
    process.kill(worker);
    await ended;
  });
  const pid = child.pid ?? 0;
  t.ok(cpuSeconds(pid) >= 0.3);
  t.ok(residentBytes(pid) > 20_000_000);
  t.ok(cpuSeconds(worker) <= cpuSeconds(pid));
  t.equal(cpuSeconds(2 ** 22 + 1), 0, 'a process that is not there has used none');
});
