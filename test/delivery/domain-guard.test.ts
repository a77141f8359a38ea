import t from 'tap';
import { createDomainGuard } from '../../src/delivery/domain-guard.ts';
import { UNKNOWN_CLIENT } from '../../src/delivery/identity.ts';

const items = { domainSettings: true, programs: true };
const domains = ['Branch', 'Office', 'Both', 'Nobody', 'Workgroup'];
const domainAgents = [
  { domain: 'BRANCH', ranges: ['10.1.0.0/16'] },
  { domain: 'Office', certificates: ['pc-7', 'pc-8.office.test'] },
  { domain: 'Both', ranges: ['10.1.0.0/16'], certificates: ['pc-7'] },
  { domain: 'Nobody', ranges: [] },
];
const guard = createDomainGuard({ items, domains, domainAgents }, true);

/** The codes of what is answered to an agent with this address and these names in its certificate. */
function asked(domain: string, address: string, names?: readonly string[]): string {
  const certificate = names ? { names } : null;
  return guard({ path: `/activeupdate/${domain}/ofcscan.ini`, address, secure: true, certificate })?.code ?? 'passes';
}

const NOT_YOURS = 'RLY_PULL_NOT_YOURS';

t.test('by address', async (t) => {
  t.equal(asked('Branch', '10.1.2.3'), 'passes');
  t.equal(asked('branch', '10.1.2.3'), 'passes');
  t.equal(asked('Branch', '10.2.2.3'), NOT_YOURS);
  t.equal(asked('Branch', '10.2.2.3', ['pc-7']), NOT_YOURS);
});

t.test('by certificate, letter for letter', async (t) => {
  t.equal(asked('Office', '10.2.2.3', ['x', 'pc-7']), 'passes');
  t.equal(asked('Office', '10.2.2.3', ['pc-8.office.test']), 'passes');
  for (const names of [['PC-7'], ['pc-7.office.test'], ['*'], ['pc-8'], ['pc-7 '], [''], []]) {
    t.equal(asked('Office', '10.2.2.3', names), NOT_YOURS, names.join());
  }
  t.equal(asked('Office', '10.2.2.3'), NOT_YOURS, 'without one');
});

t.test('by both, where both are given', async (t) => {
  t.equal(asked('Both', '10.1.2.3', ['pc-7']), 'passes');
  t.equal(asked('Both', '10.1.2.3'), NOT_YOURS);
  t.equal(asked('Both', '10.1.2.3', ['pc-8']), NOT_YOURS);
  t.equal(asked('Both', '10.2.2.3', ['pc-7']), NOT_YOURS);
});

t.test('an empty list fits nobody, and without an entry everybody fits', async (t) => {
  t.equal(asked('Nobody', '10.1.2.3', ['pc-7']), NOT_YOURS);
  t.equal(asked('Workgroup', '192.168.0.1'), 'passes');
});

t.test('a domain that is not there is refused in the same words as one of others', async (t) => {
  const error = (domain: string) =>
    guard({ path: `/activeupdate/${domain}/ofcscan.ini`, address: '10.9.9.9', ...UNKNOWN_CLIENT });
  const first = error('Branch');
  t.match(first?.message, '10.9.9.9');
  for (const domain of ['Office', 'Both', 'Nobody', 'Nowhere', '__proto__', 'constructor', 'Branch.']) {
    t.strictSame([error(domain)?.code, error(domain)?.line], [first?.code, first?.line], domain);
  }
});

t.test('over plain HTTP each domain is refused alike, before it is looked at', async (t) => {
  const overTls = createDomainGuard({ items, domains, domainAgents }, false);
  for (const domain of [...domains, 'Nowhere']) {
    const path = `/activeupdate/${domain}/ofcscan.ini`;
    t.match(overTls({ path, address: '10.1.2.3', ...UNKNOWN_CLIENT }), { code: 'RLY_PULL_OVER_PLAIN_HTTP' }, domain);
  }
});

t.test('other paths, and all where the settings are off, are nothing to it', async (t) => {
  const asking = { address: '10.9.9.9', ...UNKNOWN_CLIENT };
  for (const path of ['/activeupdate/server.ini', '/activeupdate/a/b/ofcscan.ini', '/officescan/Branch/ofcscan.ini']) {
    t.equal(guard({ path, ...asking }), undefined, path);
  }
  const off = createDomainGuard({ items: { ...items, domainSettings: false }, domains: [], domainAgents: [] }, false);
  t.equal(off({ path: '/activeupdate/Branch/ofcscan.ini', ...asking }), undefined);
});
