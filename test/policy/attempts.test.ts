import t from 'tap';
import { attempts } from '../../src/policy/attempts.ts';

t.test('without a customized list the OfficeScan server is the only source of every kind of item', async (t) => {
  for (const kind of ['components', 'domainSettings', 'programs'] as const) {
    const [only, ...more] = attempts(kind, { officeScanServer: 'https://osce.example.com:4343/officescan' });
    t.strictSame(more, [], kind);
    t.match(only, { url: 'https://osce.example.com:4343/officescan/download', type: 'officeScanServer' });
    t.match(only?.reason, /sources\.officeScanServer/, 'the reason names the setting that decides');
  }
});
