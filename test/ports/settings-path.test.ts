import t from 'tap';
import { canonicalPath } from '../../src/manifest/path.ts';
import { domainAsked, domainKey, settingsPath } from '../../src/ports/settings-path.ts';
import { createAllowList } from '../../src/pull-through/allow-list.ts';
import * as fc from '../support/fast-check.ts';

t.test('a path asks for the settings of one domain, whether there is such a domain or not', async (t) => {
  t.equal(domainAsked('/activeupdate/Branch/ofcscan.ini'), 'branch');
  t.equal(
    domainAsked('/ActiveUpdate/BÜRO 7/OFCSCAN.INI'),
    'bÜro 7',
    'of other letters the case counts, as in every path',
  );
  for (const path of [
    '/activeupdate/ofcscan.ini',
    '/activeupdate//ofcscan.ini',
    '/activeupdate/a/b/ofcscan.ini',
    '/activeupdate/a/ofcscan.ini/',
    '/activeupdate/a/ofcscan.ini\n',
    '/activeupdate/a/ofc\u017fcan.ini',
    '/activeupdate/a/ofcscan_ini',
    '/officescan/a/ofcscan.ini',
    '/activeupdate/a/server.ini',
  ]) {
    t.equal(domainAsked(path), undefined, path);
  }
});

t.test('whatever the allow-list finds of a domain was asked for as that domain', async () => {
  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter((text) => !/[/\\:%?#]/.test(text));
  const flip = fc.constantFrom(
    (text: string) => text.toUpperCase(),
    (text: string) => text.toLowerCase(),
  );
  fc.assert(
    fc.property(name, name, flip, (domain, other, change) => {
      const { find } = createAllowList({ programs: true, domains: [domain] });
      for (const asked of [domain, change(domain), other]) {
        const path = `/activeupdate/${asked}/${change('ofcscan.ini')}`;
        if (find(path)?.kind === 'domain-settings' && domainAsked(path) !== domainKey(domain)) return false;
        if (domainAsked(path) !== canonicalPath(asked) || settingsPath(asked) !== canonicalPath(settingsPath(asked))) {
          return false;
        }
      }
      return true;
    }),
  );
});
