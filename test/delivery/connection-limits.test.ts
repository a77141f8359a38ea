import t from 'tap';
import { connectionLimits, openFilesLimit } from '../../src/delivery/connection-limits.ts';

const limits = { connectionsPerAddress: 16, downloadsPerAddress: 4 };
const most = (openFiles: number, connections?: number) =>
  connectionLimits({ limits: { ...limits, ...(connections && { connections }) }, trustedProxies: [] }, openFiles).most;

t.test('10,000 connections, or what the limit of open files leaves beside 512, whatever is configured', async (t) => {
  t.equal(most(1_048_576), 10_000);
  t.equal(most(10_512), 10_000);
  t.equal(most(1024), 512);
  t.equal(most(1024, 2000), 512);
  t.equal(most(1_048_576, 2000), 2000);
  t.equal(most(1_048_576, 20_000), 20_000);
  t.equal(most(256), 1);
});

t.test('the limit of open files is that of this process', async (t) => {
  const found = openFilesLimit();
  t.ok(found === Infinity || (Number.isInteger(found) && found >= 256), String(found));
});
