// docs/protocol.md §4, "Known ids". The engines' own names (VSAPI32_NT_KD) tell an administrator nothing.
const NAMES: ReadonlyMap<string, string> = new Map([
  ['P.4', 'Virus Pattern'],
  ['P.200', 'Common Firewall Pattern'],
  ['P.800', 'Damage Cleanup Template'],
  ['P.20000020', 'IntelliTrap Exception Pattern'],
  ['P.20000040', 'IntelliTrap Pattern'],
  ['P.20000400', 'Spyware Active-monitoring Pattern'],
  ['P.40000010', 'Spyware Pattern'],
  ['P.48020000', 'Smart Scan Agent Pattern'],
  ['P.48040023', 'Behavior Monitoring Detection Pattern (32-bit)'],
  ['P.48040066', 'Memory Inspection Pattern'],
  ['P.48040070', 'Browser Exploit Prevention Pattern'],
  ['P.48040082', 'Behavior Monitoring Detection Pattern (64-bit)'],
  ['P.48040145', 'Relevance Rule Pattern'],
  ['P.48040194', 'Script Analyzer Pattern'],
  ['E.10', 'Virus Scan Engine (32-bit)'],
  ['E.1000', 'Virus Scan Engine (64-bit)'],
  ['E.21080000', 'Damage Cleanup Engine (32-bit)'],
  ['E.22000002', 'Damage Cleanup Engine (64-bit)'],
  ['E.22000010', 'Spyware Engine (32-bit)'],
  ['E.22000020', 'Spyware Engine (64-bit)'],
]);

/** The name administrators know a component by; of one that is not known, `ownName` or else the id. */
export function componentName(id: string, ownName: string = id): string {
  return NAMES.get(id) ?? ownName;
}

/**
 * A version as administrators read it. Only the Virus Pattern's numbering is documented: `1724100` reads 17.241.00
 * (docs/protocol.md §4). Every other version is shown as the index writes it.
 */
export function formatVersion(id: string, version: string): string {
  if (id !== 'P.4' || version.length < 6 || /\D/.test(version)) return version;
  return `${version.slice(0, -5)}.${version.slice(-5, -2)}.${version.slice(-2)}`;
}
