import t from 'tap';
import { withKnownTags } from '../../src/delivery/known-tags.ts';

const take = 'ab'.repeat(16);
const sha256 = 'cd'.repeat(32);
const onDemand = { contentOf: (tag: string) => (tag === take ? sha256 : undefined) };
const request = (headers: Record<string, string>) => ({ method: 'GET' as const, headers });

t.test('the tag of a take becomes that of the content it came to', async (t) => {
  t.match(withKnownTags(request({ 'if-range': `"${take}"` }), onDemand).headers, { 'if-range': `"${sha256}"` });
  t.match(withKnownTags(request({ 'if-none-match': `"x", W/"${take}"` }), onDemand).headers, {
    'if-none-match': `"x", W/"${sha256}"`,
  });
});

t.test('every other tag stays what it is, and so does a request without any', async (t) => {
  const other = { 'if-range': `"${'0'.repeat(32)}"`, range: 'bytes=5-' };
  t.match(withKnownTags(request(other), onDemand).headers, other);
  const plain = request({ range: 'bytes=5-' });
  t.equal(withKnownTags(plain, onDemand), plain);
});
