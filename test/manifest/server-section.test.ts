import t from 'tap';
import { parseManifest } from '../../src/manifest/manifest.ts';
import { withServerSection } from '../../src/manifest/server-section.ts';
import { sampleIndex } from '../support/sample-index.ts';

const comment = (text: string) => withServerSection(Buffer.from(text), 'comment').toString();

t.test('keep changes nothing', async (t) => {
  t.ok(withServerSection(sampleIndex(), 'keep').equals(sampleIndex()));
});

t.test('comment puts a semicolon before header and keys of [Server], and before nothing else', async (t) => {
  t.equal(
    comment('[Common]\na=1\n\n[Server]\nAvailableServer=1\n\n; note\n  Server.1=http://x\n[PATTERN]\nServer.1=y\n'),
    '[Common]\na=1\n\n;[Server]\n;AvailableServer=1\n\n; note\n;  Server.1=http://x\n[PATTERN]\nServer.1=y\n',
  );
});

t.test('line ends, a byte order mark and a missing last line end stay', async (t) => {
  t.equal(comment('\ufeff[Server]\r\na=1\r\n\r\n[B]\r\nb=2'), '\ufeff;[Server]\r\n;a=1\r\n\r\n[B]\r\nb=2');
  t.equal(comment('[Server]\na=1'), ';[Server]\n;a=1');
});

t.test('[Server] is found in any case, with spaces, and twice', async (t) => {
  t.equal(comment('[SERVER]\na=1\n[B]\n [ server ] ; x\nc=1\n'), ';[SERVER]\n;a=1\n[B]\n; [ server ] ; x\n;c=1\n');
  t.equal(comment('[Server2]\na=1\n'), '[Server2]\na=1\n');
});

t.test('bytes of another code page stay', async (t) => {
  const bytes = Buffer.from('[A]\nx=B\xfcro\n[Server]\ny=\xe9\n', 'latin1');
  const expected = Buffer.from('[A]\nx=B\xfcro\n;[Server]\n;y=\xe9\n', 'latin1');
  t.ok(withServerSection(bytes, 'comment').equals(expected));
});

t.test('a commented index lists what it listed before, on the same lines', async (t) => {
  const before = parseManifest(sampleIndex());
  const after = parseManifest(withServerSection(sampleIndex(), 'comment'));
  t.strictSame({ ...after, bytes: null }, { ...before, bytes: null });
  t.notMatch(after.bytes.toString(), /^\s*(\[Server\]|Server\.|AvailableServer)/m);
});
