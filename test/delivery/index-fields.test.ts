import t from 'tap';
import { indexFields } from '../../src/delivery/index-fields.ts';

const [upper, self] = ['relay-00000000-0000-4000-8000-000000000001', 'relay-00000000-0000-4000-8000-000000000002'];

t.test('the age is in whole seconds since the origin confirmed it, and each relay adds its name', async (t) => {
  t.strictSame(indexFields({ confirmedAt: 10_000, relays: [] }, self, 71_999), { Age: '61', Via: `1.1 ${self}` });
  t.strictSame(indexFields({ confirmedAt: 0, relays: [upper] }, self, 500), {
    Age: '0',
    Via: `1.1 ${upper}, 1.1 ${self}`,
  });
});

t.test('nothing is of the future: a clock set back makes it fresh, not wrong', async (t) => {
  t.match(indexFields({ confirmedAt: 10_000, relays: [] }, self, 0), { Age: '0' });
});
