import t from 'tap';
import { RelayError } from '../../src/errors/relay-error.ts';
import { forgetful, noteIn, type Notes } from '../../src/ports/notes.ts';
import { recordedEvents } from '../support/recorded-events.ts';

const url = 'http://ua1.example.com/activeupdate';

t.test('its owner has one note, and what the disk refuses is told and no failure of the owner', async (t) => {
  const events = recordedEvents();
  const written: unknown[] = [];
  const full = new RelayError('RLY_STORAGE_FULL', { bytes: 9, path: '/store/notes', reason: 'the disk is full' });
  const notes: Notes = {
    read: (name) => ({ known: name }),
    async write(name, value) {
      written.push({ name, value });
      throw full;
    },
  };
  const note = noteIn(notes, 'sources', events);
  t.strictSame(note.known, { known: 'sources' });
  note.keep({ [url]: 1 });
  t.strictSame(written, [{ name: 'sources', value: { [url]: 1 } }]);
  t.match(await events.nth('store.not-noted', 1), { name: 'sources', error: /the disk is full/ });
});

t.test('without a store nothing is known and nothing is kept', async (t) => {
  t.equal(forgetful.known, undefined);
  forgetful.keep({});
});
