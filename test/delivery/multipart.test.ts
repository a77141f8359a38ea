import t from 'tap';
import { multipart, totalLength } from '../../src/delivery/multipart.ts';

const content = { size: 100, boundary: '0123456789abcdef'.repeat(2), type: 'application/octet-stream' };

t.test('slices are framed by a boundary from the hash of the content', async (t) => {
  const slices = [
    { start: 0, end: 2 },
    { start: 90, end: 100 },
  ];
  const { type, parts, length } = multipart(slices, content);
  t.equal(type, 'multipart/byteranges; boundary=0123456789abcdef0123456789abcdef');
  t.equal(
    parts.map((part) => (Buffer.isBuffer(part) ? part.toString() : `<${part.start}-${part.end}>`)).join(''),
    [
      '--0123456789abcdef0123456789abcdef',
      'Content-Type: application/octet-stream',
      'Content-Range: bytes 0-1/100',
      '',
      '<0-2>',
      '--0123456789abcdef0123456789abcdef',
      'Content-Type: application/octet-stream',
      'Content-Range: bytes 90-99/100',
      '',
      '<90-100>',
      '--0123456789abcdef0123456789abcdef--',
      '',
    ].join('\r\n'),
  );
  t.equal(length, totalLength(parts));
});
