import t from 'tap';
import { parseQuestion } from '../../src/policy/parse-question.ts';

const OWN = ['127.0.0.1', '10.1.0.1'];

t.test('without more words the question is about this relay', async (t) => {
  t.strictSame(parseQuestion({ kind: 'domain-settings' }, OWN), {
    kind: 'domainSettings',
    role: 'update-agent',
    addresses: OWN,
  });
});

t.test('an address is that of an agent, unless a role is named', async (t) => {
  const agent = { kind: 'programs', agent: '10.1.2.3' };
  t.strictSame(parseQuestion(agent, OWN), { kind: 'programs', role: 'agent', addresses: ['10.1.2.3'] });
  t.strictSame(parseQuestion({ ...agent, role: 'update-agent' }, OWN), {
    kind: 'programs',
    role: 'update-agent',
    addresses: ['10.1.2.3'],
  });
});

t.test('the addresses of this host say nothing about an agent somewhere', async (t) => {
  t.match(parseQuestion({ kind: 'components', role: 'agent' }, OWN), { role: 'agent', addresses: [] });
});

t.test('what is wrong is said in words', async (t) => {
  const right = { kind: 'components' };
  t.equal(parseQuestion({ kind: 'engines' }, OWN), 'kind engines is none of components, domain-settings, programs');
  t.equal(parseQuestion({ ...right, role: 'server' }, OWN), 'role server is none of agent, update-agent');
  for (const agent of ['', 'pc1', '10.1.2', '10.1.0.0/16']) {
    t.equal(parseQuestion({ ...right, agent }, OWN), `agent ${agent} is no IPv4 or IPv6 address`);
  }
});
