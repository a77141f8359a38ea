import t from 'tap';
import { shownPath } from '../../src/delivery/shown-path.ts';

t.test('paths are shown as they are', async (t) => {
  for (const path of ['/activeupdate/server.ini', '/activeupdate/pattern/a%20b.zip?x=1', '/%', '/%zz', '']) {
    t.equal(shownPath(path), path);
  }
});

t.test('whoever asks for domain settings, however it is written, leaves no path', async (t) => {
  for (const path of [
    '/activeupdate/Branch/ofcscan.ini',
    '/ACTIVEUPDATE/BRANCH/OFCSCAN.INI?x=1',
    '/activeupdate/Branch/ofcscan%2Eini',
    '/activeupdate/Branch/%6ffc%53can.ini',
    '/activeupdate/%c3%28/ofcscan.ini',
    'http://elsewhere/Branch/ofcscan.ini',
  ]) {
    t.equal(shownPath(path), '(domain settings)', path);
  }
});
