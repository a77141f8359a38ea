import { existsSync, readFileSync } from 'node:fs';

const FILE = '/proc/sys/kernel/random/boot_id';

/** Tells this run of the kernel from all others (random(4)); empty where the system does not say. */
export const bootId = (): string => (existsSync(FILE) ? readFileSync(FILE, 'utf8').trim() : '');
