import { EventEmitter } from 'node:events';
import closeWithGrace from 'close-with-grace';
import { EXIT } from './commands/exit-code.ts';
import { run } from './commands/run.ts';
import { processIo } from './terminal/io.ts';

/** Milliseconds an answer under way may take to end after SIGTERM; Docker sends SIGKILL after its own, longer patience. */
const GRACE = 30_000;

const stop = new AbortController();
const hangups = new EventEmitter();
const { argv, env } = process;
const finished = run(argv.slice(2), { io: processIo(), env, cwd: process.cwd(), signal: stop.signal, hangups });
let crashed = false;

// A reader that has seen enough (`relay demo | head`) is no failure, and without one there is nobody left to tell.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => stop.abort('the end of its reader'));
}

const { close } = closeWithGrace({ delay: GRACE, skip: ['beforeExit', 'SIGHUP'] }, async ({ err, signal }) => {
  if (err) {
    crashed = true;
    process.stderr.write(`relay: RLY_INTERNAL: ${err.stack ?? err.message}\n`);
  }
  stop.abort(err?.message ?? signal ?? 'SIGHUP');
  await finished;
});

// To a daemon it says that its configuration has changed, to everybody else that the terminal is gone.
process.on('SIGHUP', () => {
  if (!hangups.emit('hangup')) close();
});

const code = await finished;
// A supervisor starts it again only if it ends as a failure, however orderly.
process.exit(crashed ? EXIT.failed : code);
