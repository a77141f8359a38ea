import { eventually } from '../test/support/eventually.ts';
import { TOKEN } from './contenders/relay.ts';

/** The admin listener of a relay under test. */
export interface RelayAdmin {
  /** Resolves when it has a generation to serve. */
  ready(): Promise<void>;
  /** Asks for an update now and waits for its end. */
  update(): Promise<void>;
}

/** Milliseconds a first update may take: some hundred MB from loopback. */
const PATIENCE = 120_000;

export function relayAdmin(port: number): RelayAdmin {
  const base = `http://127.0.0.1:${port}`;

  async function state(): Promise<string> {
    const response = await fetch(`${base}/api/v1/status`);
    const { update } = (await response.json()) as { readonly update: { readonly state: string } };
    return update.state;
  }

  return {
    async ready() {
      // The agents' listener is bound first: this one may still refuse.
      const look = async (): Promise<boolean> => (await fetch(`${base}/readyz`)).ok && (await state()) === 'idle';
      await eventually('the relay has a generation', () => look().catch(() => false), PATIENCE);
    },
    async update() {
      const headers = { Authorization: `Bearer ${TOKEN}` };
      const response = await fetch(`${base}/api/v1/update`, { method: 'POST', headers });
      if (response.status !== 202) throw new Error(`the relay refused an update: ${response.status}`);
      await eventually('the update is over', async () => (await state()) === 'idle', PATIENCE);
    },
  };
}
