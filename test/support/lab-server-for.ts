import type { Test } from 'tap';
import { createLabServer, type LabServer, type LabServerOptions } from '../../src/lab/lab-server.ts';

/** A lab server that is closed when the test ends. */
export async function labServerFor(t: Test, options: LabServerOptions): Promise<LabServer> {
  const server = await createLabServer(options);
  t.teardown(() => server.close());
  return server;
}
