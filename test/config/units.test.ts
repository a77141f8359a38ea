import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { formatDuration, formatRate, formatSize, parseDuration, parseRate, parseSize } from '../../src/config/units.ts';

t.test('sizes are one whole number and one unit', async (t) => {
  t.equal(parseSize('20GiB'), 20 * 2 ** 30);
  t.equal(parseSize('500MB'), 500_000_000);
  t.equal(parseSize('1024B'), 1024);
  t.equal(parseSize('0B'), 0);
});

t.test('durations are one whole number and one unit', async (t) => {
  t.equal(parseDuration('15m'), 900_000);
  t.equal(parseDuration('90s'), 90_000);
  t.equal(parseDuration('7d'), 604_800_000);
  t.equal(parseDuration('250ms'), 250);
});

t.test('rates are one whole number and one unit; of bits, a thousand make a kbit', async (t) => {
  t.equal(parseRate('4Mbit/s'), 500_000);
  t.equal(parseRate('512kbit/s'), 64_000);
  t.equal(parseRate('1Gbit/s'), 125_000_000);
  t.equal(parseRate('2MiB/s'), 2 * 2 ** 20);
  t.equal(parseRate('100KiB/s'), 102_400);
  t.equal(parseRate('8000B/s'), 8000);
});

t.test('what could be read in two ways is not read at all', async (t) => {
  for (const text of [
    '',
    '0',
    '1024',
    '1.5GiB',
    '-1B',
    '20 GiB',
    '20gib',
    '20G',
    'GiB',
    '1h30m',
    '9007199254740993B',
  ]) {
    t.equal(parseSize(text), undefined, text);
  }
  for (const text of ['0', '900', '15M', '15 m', '1h30m', '15min', '1GiB', 'constructor']) {
    t.equal(parseDuration(text), undefined, text);
  }
  // MB/s next to Mbit/s would be one slip away from a factor of eight.
  for (const text of ['0', '4', '4Mbit', '4mbit/s', '4Mb/s', '4MB/s', '1.5Mbit/s', '4 Mbit/s', '1MiB', '/s']) {
    t.equal(parseRate(text), undefined, text);
  }
});

t.test('numbers are written in the largest unit that holds them exactly', async (t) => {
  t.equal(formatSize(0), '0B');
  t.equal(formatSize(1025), '1025B');
  t.equal(formatSize(2 ** 30), '1GiB');
  t.equal(formatSize(500_000_000), '500MB');
  t.equal(formatDuration(0), '0ms');
  t.equal(formatDuration(90_000), '90s');
  t.equal(formatDuration(86_400_000), '1d');
  t.equal(formatRate(500_000), '4Mbit/s');
  t.equal(formatRate(8000), '64kbit/s');
});

t.test('whatever is written reads back as the same number', async () => {
  const number = fc.oneof(fc.nat(), fc.maxSafeNat());
  fc.assert(fc.property(number, (bytes) => parseSize(formatSize(bytes)) === bytes));
  fc.assert(fc.property(number, (rate) => parseRate(formatRate(rate)) === rate));
  fc.assert(fc.property(number, (milliseconds) => parseDuration(formatDuration(milliseconds)) === milliseconds));
});
