import t from 'tap';
import { Value } from 'typebox/value';
import { explainSources, sourcesExplanationSchema } from '../../src/policy/explain-sources.ts';
import { sourceSettings } from '../support/source-settings.ts';

t.test('an explanation has source, type and reason of each step, and nothing else', async (t) => {
  const settings = sourceSettings({ customized: [{ url: 'http://ua1.example.com:21112/activeupdate' }] });
  const explained = explainSources({ kind: 'components', role: 'agent', addresses: [] }, settings);
  t.strictSame(explained, {
    kind: 'components',
    role: 'agent',
    attempts: [
      {
        source: 'http://ua1.example.com:21112/activeupdate',
        type: 'customized',
        reason: 'sources.customized[0] has no range, so it is for every client',
      },
      {
        source: 'https://osce.example.com:4343/officescan',
        type: 'officeScanServer',
        reason:
          'sources.fromServerWhenCustomizedFail.components is true, so components come from here when the list fails',
      },
    ],
    notTried: [
      {
        source: 'https://osce14-p.activeupdate.trendmicro.com/activeupdate',
        type: 'activeUpdate',
        reason: 'sources.fromServerWhenCustomizedFail.components is true, so the OfficeScan server is the last one',
      },
    ],
  });
  t.ok(Value.Check(sourcesExplanationSchema, explained));
});
