import t from 'tap';
import { commandWord, ITEM_KINDS, parseItemKind } from '../../src/policy/item-kind.ts';

t.test('a kind is understood as commands and as the configuration write it', async (t) => {
  for (const kind of ITEM_KINDS) {
    t.equal(parseItemKind(kind), kind);
    t.equal(parseItemKind(commandWord(kind)), kind);
  }
  t.strictSame(ITEM_KINDS.map(commandWord), ['components', 'domain-settings', 'programs']);
});

t.test('nothing else is a kind', async (t) => {
  for (const text of ['', 'component', 'Components', 'domainsettings', 'hotfixes', 'toString']) {
    t.equal(parseItemKind(text), undefined, text);
  }
});
