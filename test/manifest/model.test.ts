import t from 'tap';
import { objectIdentity } from '../../src/manifest/model.ts';

t.test('an object is path, version and size: any other of them is another object', async (t) => {
  const object = { key: 'a', version: '1', size: 2 };
  const others = [
    object,
    { ...object, key: 'b' },
    { ...object, version: '2' },
    { ...object, version: null },
    { ...object, size: 3 },
  ];
  t.equal(new Set(others.map(objectIdentity)).size, others.length);
  t.equal(objectIdentity({ ...object }), objectIdentity(object));
});
