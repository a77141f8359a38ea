import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { formatBytes, formatRate } from '../../src/terminal/bytes.ts';

t.test('bytes read in binary units, with one digit behind the point', async (t) => {
  t.equal(formatBytes(0), '0 B');
  t.equal(formatBytes(1023), '1023 B');
  t.equal(formatBytes(1024), '1.0 KiB');
  t.equal(formatBytes(24_957), '24.4 KiB');
  t.equal(formatBytes(64_813_753), '61.8 MiB');
  t.equal(formatBytes(3 * 1024 ** 3), '3.0 GiB');
});

t.test('rounding never shows 1024 of a unit', async (t) => {
  t.equal(formatBytes(1024 ** 2 - 1), '1.0 MiB');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1023 * 1024 ** 4 }), (bytes) => {
      const [number, unit] = formatBytes(bytes).split(' ');
      return Number(number) < 1024 && /^([KMGT]i)?B$/.test(unit ?? '');
    }),
  );
});

t.test('more than the largest unit stays in it, less than nothing is nothing', async (t) => {
  t.equal(formatBytes(2048 * 1024 ** 4), '2048.0 TiB');
  t.equal(formatBytes(-5), '0 B');
});

t.test('a rate is bytes a second, fractions rounded', async (t) => {
  t.equal(formatRate(11.4), '11 B/s');
  t.equal(formatRate(11.2 * 1024 ** 2), '11.2 MiB/s');
});
