import type { Line } from './line.ts';

/** A component of `[ENGINE]`: it has a name, and the oldest version that can be replaced by it. */
export interface EngineLine extends Line {
  readonly name: string;
  readonly minimum: string;
}

const SCAN = { prefix: '12.6.', number: 1004, every: 20, minimum: '6.51.1002' } as const;
const CLEANUP = { prefix: '7.6.', number: 1154, every: 25, minimum: '5.0.1000' } as const;
const SPYWARE = { prefix: '6.3.', number: 4035, every: 40, minimum: '6.3' } as const;
const BOOT = { prefix: '1.6.', number: 1045, every: 45, minimum: '1.0.1000' } as const;
const RAPTOR = { prefix: '1.8.', number: 1028, every: 30, minimum: '1.0.1001' } as const;
const LOADER = { prefix: '1.110.', number: 1073, every: 28, minimum: '1.0.1001' } as const;
const BEHAVIOUR = { prefix: '2.99.', number: 1517, every: 33, minimum: '2.0.1118' } as const;

/**
 * The engines: ids that are public (docs/protocol.md §4), the others invented in the same style.
 * 18 of them, 14 with a fixed name; they change every few weeks.
 */
export const ENGINE_LINES: readonly EngineLine[] = [
  { id: 'E.10', name: 'VSAPI32_NT_KD', path: 'engine/ntkd12600.zip', ...SCAN, bytes: 1_340_000 },
  { id: 'E.1000', name: 'VSAPI64_NT_KD', path: 'engine/scan64_v*.zip', ...SCAN, bytes: 1_470_000 },
  { id: 'E.22000002', name: 'CLEANUP_64', path: 'engine/tsc64.zip', ...CLEANUP, bytes: 3_490_000 },
  { id: 'E.21080000', name: 'CLEANUP_32', path: 'engine/tsc.zip', ...CLEANUP, bytes: 1_610_000 },
  { id: 'E.49000101', name: 'BOOT_CHECK_X64', path: 'engine/BootCheck64.zip', ...BOOT, bytes: 46_000 },
  { id: 'E.49000102', name: 'BOOT_CHECK_X86', path: 'engine/BootCheck32.zip', ...BOOT, bytes: 42_000, signed: false },
  { id: 'E.49000103', name: 'HEURISTIC_WIN32', path: 'engine/heuristic_win32_v*.zip', ...SCAN, bytes: 1_740_000 },
  { id: 'E.49000104', name: 'HEURISTIC_WIN64', path: 'engine/heuristic_win64_v*.zip', ...SCAN, bytes: 1_930_000 },
  { id: 'E.49000105', name: 'RAPTOR_CORE_32', path: 'engine/raptor32.zip', ...RAPTOR, bytes: 670_000 },
  { id: 'E.49000106', name: 'RAPTOR_CORE_64', path: 'engine/raptor64.zip', ...RAPTOR, bytes: 820_000 },
  { id: 'E.49000107', name: 'LOADER_X86', path: 'engine/loader_x86_*.zip', ...LOADER, bytes: 2_630_000 },
  { id: 'E.49000108', name: 'LOADER_X64', path: 'engine/Loader_X64.zip', ...LOADER, bytes: 3_310_000 },
  { id: 'E.22000010', name: 'SPYWARE_32_V6', path: 'engine/spyware32_v6/spyware32.zip', ...SPYWARE, bytes: 630_000 },
  { id: 'E.22000020', name: 'SPYWARE_64_V6', path: 'engine/spyware64_v6/spyware64.zip', ...SPYWARE, bytes: 830_000 },
  { id: 'E.49000109', name: 'BEHAVE_DRV_32', path: 'engine/BehaveDrv_32.zip', ...BEHAVIOUR, bytes: 303_000 },
  { id: 'E.49000110', name: 'BEHAVE_SRV_32', path: 'engine/behavesrv_32.zip', ...BEHAVIOUR, bytes: 5_880_000 },
  {
    id: 'E.49000111',
    name: 'BEHAVE_DRV_64',
    path: 'engine/BehaveDrv_64.bin',
    ...BEHAVIOUR,
    bytes: 312_000,
    packing: 'opaque',
  },
  { id: 'E.49000112', name: 'BEHAVE_SRV_64', path: 'engine/behavesrv_64.zip', ...BEHAVIOUR, bytes: 7_160_000 },
];
