import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { choose } from '../../src/agent/choose.ts';
import type { Component, ManifestObject } from '../../src/manifest/model.ts';

function object(kind: ManifestObject['kind'], version: string, size = 1): ManifestObject {
  const path = `pattern/${kind}-${version}.zip`;
  return { path, key: path, kind, component: 'P.4', version, size, line: 1 };
}

function pattern(version: string, from: readonly string[] = []): Component {
  return {
    id: 'P.4',
    kind: 'pattern',
    name: 'Virus Pattern',
    full: object('pattern', version),
    incrementals: from.map((step) => object('incremental', step)),
    minimumVersion: null,
  };
}

t.test('an agent without the component takes the full pattern', async (t) => {
  const component = pattern('1724100', ['1723900']);
  t.strictSame(choose(component, null), { how: 'full', object: component.full });
});

t.test('an agent one listed step behind takes the incremental from its version', async (t) => {
  const component = pattern('1724100', ['1723900', '1723700']);
  t.strictSame(choose(component, '1723700'), { how: 'incremental', object: component.incrementals[1] });
});

t.test('an agent further behind than the incrementals reach takes the full pattern', async (t) => {
  t.match(choose(pattern('1724100', ['1723900']), '1700100'), { how: 'full' });
});

t.test('an agent that is current, or ahead of a source that is behind, takes nothing', async (t) => {
  t.match(choose(pattern('1724100', ['1723900']), '1724100'), { how: 'current', object: null });
  t.match(choose(pattern('1724100', ['1723900']), '1724300'), { how: 'current', object: null });
});

t.test('leading zeros make no other version', async (t) => {
  t.match(choose(pattern('00001800'), '1800'), { how: 'current' });
  t.match(choose(pattern('00001802', ['00001800']), '1800'), { how: 'incremental' });
});

t.test('an engine that is behind comes whole, also from below its minimum version', async (t) => {
  const engine: Component = { ...pattern('12.5.1004'), id: 'E.10', kind: 'engine', minimumVersion: '6.51.1002' };
  t.match(choose(engine, '12.5.1003'), { how: 'full' });
  t.match(choose(engine, '5.0.1000'), { how: 'full' });
  t.match(choose(engine, '12.10.1'), { how: 'current' });
});

t.test('a full object without a version cannot be told to be newer', async (t) => {
  const component = pattern('1');
  t.match(choose({ ...component, full: { ...component.full, version: null } }, '7'), { how: 'current' });
});

t.test('for any index and any version held', async (t) => {
  const versions = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
  const held = fc.option(fc.integer({ min: 0, max: 45 }));
  const cases = versions.chain((all) => {
    const newest = Math.max(...all);
    const steps = all.filter((version) => version !== newest);
    return fc.record({ newest: fc.constant(newest), steps: fc.constant(steps), held });
  });
  fc.assert(
    fc.property(cases, ({ newest, steps, held: before }) => {
      const component = pattern(String(newest), steps.map(String));
      const choice = choose(component, before === null ? null : String(before));
      if (before !== null && before >= newest) {
        t.equal(choice.how, 'current', 'nothing older or equal is ever fetched');
      } else if (before !== null && steps.includes(before)) {
        t.match(
          choice,
          { how: 'incremental', object: { version: String(before) } },
          'a step starts where the agent is',
        );
      } else {
        t.match(choice, { how: 'full', object: component.full }, 'everybody else takes the whole');
      }
      t.equal(choose(component, String(newest)).how, 'current', 'and is current afterwards');
    }),
  );
});
