import * as fc from '../support/fast-check.ts';
import t from 'tap';
import type { Generation } from '../../src/ports/generation.ts';
import { checksum } from '../../storage/checksum.ts';
import { decodeGeneration, encodeGeneration } from '../../storage/generation-file.ts';
import { bytesOf, draftOf, objectOf, sha256Of } from './sample.ts';

const blob = { sha256: sha256Of(bytesOf('a')), size: 1000 };
const generation: Generation = {
  ...draftOf(blob, [objectOf('pattern/ünïcode.zip', blob), { ...objectOf('pattern/a.sig', blob), version: null }]),
  number: 7,
  publishedAt: '2026-11-22T21:00:00.000Z',
};
const file = encodeGeneration(generation);
const sealed = (body: string): Buffer => Buffer.from(`relay-generation 1 ${checksum(body)}\n${body}`);

t.test('a generation reads back as it was written', async (t) => {
  t.strictSame(decodeGeneration(file, 7), { value: generation });
});

t.test('cut anywhere, or with any one bit flipped, it is refused', async (t) => {
  for (let length = 0; length < file.length; length += 1) {
    t.hasProp(decodeGeneration(file.subarray(0, length), 7), 'reason');
  }
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.nat(7), (at, bit) => {
      const flipped = Buffer.from(file);
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << bit), at);
      return 'reason' in decodeGeneration(flipped, 7);
    }),
    { numRuns: 1000 },
  );
});

t.test('each refusal says why', async (t) => {
  const json = JSON.stringify(generation);
  const refusals: [Buffer, string][] = [
    [Buffer.from(''), 'does not begin as a generation does'],
    [Buffer.from('relay-generation 1 abc'), 'does not begin as a generation does'],
    [Buffer.from(`relay-generation 2 ${'0'.repeat(64)}\n{}`), 'is of format 2, this relay reads 1'],
    [Buffer.from(`relay-generation 1 ${'0'.repeat(64)}\n{}`), 'does not match its checksum'],
    [sealed('{'), 'holds no JSON'],
    [sealed('[]'), 'is of another shape: all of it must be object'],
    [sealed(json.replace('"pattern"', '"virus"')), 'is of another shape: /objects/0/kind '],
    [sealed(json.replace('"size":1000', '"size":"1000"')), 'is of another shape: /index/size must be integer'],
    [encodeGeneration({ ...generation, number: 8 }), 'says it is generation 8'],
  ];
  for (const [bytes, reason] of refusals) {
    const checked = decodeGeneration(bytes, 7);
    t.match('reason' in checked && checked.reason, reason);
  }
});
