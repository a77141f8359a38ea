import { isDeepStrictEqual } from 'node:util';
import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { decideSources } from '../../src/policy/decide-sources.ts';
import { ROLES, type Question, type SourceSettings } from '../../src/policy/decision.ts';
import { ITEM_KINDS } from '../../src/policy/item-kind.ts';

const url = fc.constantFrom(
  'http://ua1.example.com:21112/activeupdate',
  'HTTP://UA1.example.com:21112/activeupdate/',
  'http://ua2.example.com:21112/activeupdate',
  'http://127.0.0.1:8101',
  'https://osce.example.com:4343/officescan/download',
  'https://osce14-p.activeupdate.trendmicro.com/activeupdate',
  'http://osce14-p.activeupdate.trendmicro.com:80/activeupdate/',
  'https://OSCE12-p.activeupdate.trendmicro.com/ActiveUpdate',
);
const range = fc.constantFrom('10.1.0.0-10.1.255.255', '10.0.0.0/8', '192.0.2.7', '2001:db8::/48');
const address = fc.oneof(fc.constantFrom('10.1.2.3', '192.0.2.7', '2001:db8::1', 'fe80::1%eth0'), fc.ipV4(), fc.ipV6());

const settings: fc.Arbitrary<SourceSettings> = fc.record({
  officeScanServer: fc.constant('https://osce.example.com:4343/officescan'),
  activeUpdate: url,
  customized: fc.array(fc.oneof(fc.record({ url }), fc.record({ url, range })), { maxLength: 8 }),
  updateAgentsOnlyFromServer: fc.boolean(),
  fromServerWhenCustomizedFail: fc.record({
    components: fc.boolean(),
    domainSettings: fc.boolean(),
    programs: fc.boolean(),
  }),
  agentsDownloadFromActiveUpdate: fc.boolean(),
  activeUpdatePatternsOnly: fc.boolean(),
});
const question: fc.Arbitrary<Question> = fc.record({
  kind: fc.constantFrom(...ITEM_KINDS),
  role: fc.constantFrom(...ROLES),
  addresses: fc.array(address, { maxLength: 3 }),
});

t.test('every source of the configuration is tried or not tried, once each, with a reason', async () => {
  fc.assert(
    fc.property(question, settings, (asked, given) => {
      const { attempts, notTried } = decideSources(asked, given);
      const configured = [...given.customized.map((entry) => entry.url), given.officeScanServer, given.activeUpdate];
      const judged = [...attempts, ...notTried];
      return (
        isDeepStrictEqual(judged.map(({ source }) => source).toSorted(), configured.toSorted()) &&
        judged.every(({ reason }) => reason.length > 0)
      );
    }),
  );
});

t.test('no URL is tried twice', async () => {
  fc.assert(
    fc.property(question, settings, (asked, given) => {
      const urls = decideSources(asked, given).attempts.map((attempt) => new URL(attempt.url).href);
      return new Set(urls).size === urls.length;
    }),
  );
});

t.test('nothing but components is ever taken from ActiveUpdate', async () => {
  fc.assert(
    fc.property(question, settings, (asked, given) => {
      const { attempts } = decideSources(asked, given);
      return asked.kind === 'components' || attempts.every(({ type }) => type !== 'activeUpdate');
    }),
  );
});

t.test(
  'entries keep the order of the list and come before the OfficeScan server, and that before ActiveUpdate',
  async () => {
    fc.assert(
      fc.property(question, settings, (asked, given) => {
        const { attempts } = decideSources(asked, given);
        const order = [...given.customized.map((entry) => entry.url), given.officeScanServer, given.activeUpdate];
        let at = 0;
        for (const { source } of attempts) {
          at = order.indexOf(source, at) + 1;
          if (at === 0) return false;
        }
        return true;
      }),
    );
  },
);

t.test('the same question has the same answer, and leaves the settings as they are', async () => {
  fc.assert(
    fc.property(question, settings, (asked, given) => {
      const before = structuredClone({ asked, given });
      const answer = decideSources(asked, given);
      return (
        isDeepStrictEqual(answer, decideSources(before.asked, before.given)) &&
        isDeepStrictEqual(structuredClone({ asked, given }), before)
      );
    }),
  );
});

t.test('a switch of another kind changes nothing', async () => {
  fc.assert(
    fc.property(question, settings, fc.constantFrom(...ITEM_KINDS), (asked, given, kind) => {
      fc.pre(kind !== asked.kind);
      const { fromServerWhenCustomizedFail: switches } = given;
      const turned = { ...given, fromServerWhenCustomizedFail: { ...switches, [kind]: !switches[kind] } };
      return isDeepStrictEqual(decideSources(asked, turned), decideSources(asked, given));
    }),
  );
});
