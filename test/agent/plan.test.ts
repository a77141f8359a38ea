import t from 'tap';
import { AGENT_KINDS, planSteps } from '../../src/agent/plan.ts';
import { parseManifest } from '../../src/manifest/manifest.ts';

const manifest = parseManifest(
  Buffer.from(
    [
      '[PATTERN]',
      'P.4=pattern/vsapi241.zip, 1724100, 6000',
      'P.4.MergeCount=1',
      'P.4.Merge.1=pattern/v_239.241, 1723900, 20',
      'P.200=pattern/netwall.zip, 10268, 80',
      '[ENGINE]',
      'E.10=VSAPI32, engine/ntkd12600.zip, 12.6.1004, 1300, 6.51.1002',
      '[Info_524_10000_1_5889]',
      'Path=product/agent.zip, 2500',
      '',
    ].join('\n'),
  ),
);
const ids = (steps: readonly { id: string }[]) => steps.map(({ id }) => id);

t.test('only the wanted kinds are looked after, in the order of the index', async (t) => {
  t.strictSame(ids(planSteps(manifest, AGENT_KINDS, new Map(), new Set())), [
    'P.4',
    'P.200',
    'E.10',
    'Info_524_10000_1_5889',
  ]);
  t.strictSame(ids(planSteps(manifest, ['patterns'], new Map(), new Set())), ['P.4', 'P.200']);
  t.strictSame(ids(planSteps(manifest, ['engines'], new Map(), new Set())), ['E.10']);
  t.strictSame(ids(planSteps(manifest, ['programs'], new Map(), new Set())), ['Info_524_10000_1_5889']);
});

t.test('a step says what is held before and after', async (t) => {
  const versions = new Map([
    ['P.4', '1723900'],
    ['P.200', '10999'],
  ]);
  t.match(planSteps(manifest, ['patterns', 'engines'], versions, new Set()), [
    { id: 'P.4', how: 'incremental', before: '1723900', after: '1724100', object: { path: 'pattern/v_239.241' } },
    { id: 'P.200', how: 'current', before: '10999', after: '10999', object: null },
    { id: 'E.10', how: 'full', before: null, after: '12.6.1004' },
  ]);
});

t.test('a program package has no version: it is current when the object itself is here', async (t) => {
  const name = 'product/agent.zip';
  t.match(planSteps(manifest, ['programs'], new Map(), new Set()), [{ name, how: 'full', after: null }]);
  t.match(planSteps(manifest, ['programs'], new Map(), new Set(manifest.programs)), [
    { name, how: 'current', after: null },
  ]);
});
