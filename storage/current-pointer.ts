import { checksum } from './checksum.ts';
import type { Checked } from './checked-json.ts';
import { writeDurably } from './durable-write.ts';
import type { Layout } from './layout.ts';
import { readPlainFile } from './plain-file.ts';

/** `<number> <checksum>`: so short a file is torn or altered in ways that still look like a number. */
const encode = (number: number): string => `${number} ${checksum(`current ${number}`)}\n`;

/** Makes generation `number` the current one: the rename in here is the moment of publication. */
export async function writeCurrent(layout: Layout, number: number): Promise<void> {
  await writeDurably(layout, layout.current, Buffer.from(encode(number)));
}

/** The number of the current generation, or why the pointer cannot be trusted. */
export async function readCurrent(layout: Layout): Promise<Checked<number>> {
  const found = await readPlainFile(layout.current);
  if ('reason' in found) return found;
  const text = found.bytes.toString();
  const number = Number.parseInt(text, 10);
  return text === encode(number) ? { value: number } : { reason: 'is torn or was altered' };
}
