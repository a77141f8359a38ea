import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Machine, thisMachine } from '../machine.ts';
import type { ScenarioResult } from '../result.ts';
import { SCENARIOS } from '../scenarios.ts';
import { benchmarksDocument } from './document.ts';

/** What was measured, and on what. */
export interface MeasuredResult extends ScenarioResult {
  readonly machine: Machine;
}

const folder = join(import.meta.dirname, '..', 'results');
const document = join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md');

const fileOf = (scenario: string): string => join(folder, `${scenario}.json`);

export function saveResult(result: ScenarioResult): void {
  const measured: MeasuredResult = { machine: thisMachine(), ...result };
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(result.scenario), `${JSON.stringify(measured, null, 1)}\n`);
}

/** The latest results of all scenarios that have any, in the order of the scenarios. */
export function readResults(): MeasuredResult[] {
  const files = SCENARIOS.map(({ name }) => fileOf(name)).filter((file) => existsSync(file));
  return files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as MeasuredResult);
}

/** Writes docs/benchmarks.md. */
export function writeDocument(): void {
  writeFileSync(document, benchmarksDocument(readResults()));
}
