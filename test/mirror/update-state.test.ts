import t from 'tap';
import { trackProgress } from '../../src/mirror/update-state.ts';

const nothing = {
  phase: 'idle',
  source: null,
  objects: { done: 0, total: 0 },
  bytes: { done: 0, total: 0 },
  running: [],
};

t.test('nothing is known before the first phase', async (t) => {
  t.strictSame(trackProgress().snapshot(), nothing);
});

t.test('a phase keeps the source unless it names another', async (t) => {
  const progress = trackProgress();
  progress.enter('checking', 'http://one.example');
  progress.enter('planning');
  t.match(progress.snapshot(), { phase: 'planning', source: 'http://one.example' });
  progress.enter('checking', 'http://two.example');
  t.match(progress.snapshot(), { phase: 'checking', source: 'http://two.example' });
  progress.enter('idle', null);
  t.match(progress.snapshot(), { phase: 'idle', source: null });
});

t.test('bytes of downloads under way count, those of signatures do not: no index lists them', async (t) => {
  const progress = trackProgress();
  progress.planned(3, 300);
  progress.advance('a.zip', 40, 100);
  progress.advance('a.sig', 384, null);
  t.match(progress.snapshot(), {
    objects: { done: 0, total: 3 },
    bytes: { done: 40, total: 300 },
    running: [
      { path: 'a.zip', done: 40, total: 100 },
      { path: 'a.sig', done: 384, total: null },
    ],
  });
  progress.finished('a.sig');
  t.match(progress.snapshot(), { objects: { done: 1, total: 3 }, bytes: { done: 40, total: 300 } });
});

t.test('a download that begins anew goes back; one that is over counts whole', async (t) => {
  const progress = trackProgress();
  progress.planned(1, 100);
  progress.advance('a.zip', 60, 100);
  progress.advance('a.zip', 0, 100);
  t.equal(progress.snapshot().bytes.done, 0);
  progress.advance('a.zip', 99, 100);
  progress.finished('a.zip');
  t.match(progress.snapshot(), { objects: { done: 1, total: 1 }, bytes: { done: 100, total: 100 }, running: [] });
});

t.test('another plan begins from nothing', async (t) => {
  const progress = trackProgress();
  progress.planned(2, 200);
  progress.advance('a.zip', 100, 100);
  progress.finished('a.zip');
  progress.advance('b.zip', 10, 100);
  progress.planned(5, 500);
  t.match(progress.snapshot(), { objects: { done: 0, total: 5 }, bytes: { done: 0, total: 500 }, running: [] });
});

t.test('a snapshot stays as it was; each change is told', async (t) => {
  let changes = 0;
  const progress = trackProgress(() => {
    changes += 1;
  });
  progress.enter('acquiring', 'http://one.example');
  progress.planned(1, 100);
  progress.advance('a.zip', 10, 100);
  const before = progress.snapshot();
  progress.finished('a.zip');
  t.match(before, { objects: { done: 0, total: 1 }, bytes: { done: 10, total: 100 }, running: [{ path: 'a.zip' }] });
  t.equal(changes, 4);
});
