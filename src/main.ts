import closeWithGrace from 'close-with-grace';
import { run } from './commands/run.ts';
import { processIo } from './terminal/io.ts';

/** Milliseconds an answer under way may take to end after SIGTERM; Docker sends SIGKILL after its own, longer patience. */
const GRACE = 30_000;

const stop = new AbortController();
const { argv, env } = process;
const finished = run(argv.slice(2), { io: processIo(), env, cwd: process.cwd(), signal: stop.signal });

closeWithGrace({ delay: GRACE, skip: ['beforeExit'] }, async ({ err, signal }) => {
  if (err) process.stderr.write(`relay: RLY_INTERNAL: ${err.stack ?? err.message}\n`);
  stop.abort(err ?? signal);
  await finished;
});

process.exit(await finished);
