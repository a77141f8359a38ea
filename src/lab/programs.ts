import { type FilePlan, loneFile, type Recipe } from './components.ts';
import type { Line } from './line.ts';

// Programs have no version an update could tell two contents apart by, so these never change.
const NEVER = 1_000_000;

const PROGRAM_LINES: readonly Line[] = [
  { id: 'agent', path: 'product/guard_agent.zip', number: 1, every: NEVER, bytes: 25_000_000 },
  { id: 'agent64', path: 'product/guard_agent_x64.zip', number: 1, every: NEVER, bytes: 31_000_000 },
  { id: 'patch', path: 'product/guard_patch.zip', number: 1, every: NEVER, bytes: 155_000 },
  { id: 'patch64', path: 'product/guard_patch_x64.zip', number: 1, every: NEVER, bytes: 177_000 },
  { id: 'handheld', path: 'Product/Guard_Palm.zip', number: 1, every: NEVER, bytes: 46_000 },
  { id: 'gateway', path: 'product/gateway.tar.gz', number: 1, every: NEVER, bytes: 7_400_000, packing: 'opaque' },
];

const HOTFIX_LINES: readonly Line[] = [
  { id: 'hf1', path: 'hotfix_pccnt/Common/GuardSetup.exe', number: 1, every: 10, bytes: 4_000_000, packing: 'opaque' },
  { id: 'hf2', path: 'hotfix_pccnt/x64/guard_x64.zip', number: 1, every: 10, bytes: 9_000_000 },
  { id: 'hf3', path: 'hotfix_admin/guard_admin.zip', number: 1, every: 15, bytes: 2_000_000 },
];

/** The packages of the `[Info_…]` sections that the server really has. */
export function programsAt(recipe: Recipe, number: number): FilePlan[] {
  return PROGRAM_LINES.map((line) => loneFile(line, 'program', recipe, number));
}

/** The hot-fix trees of an OfficeScan server, which no index lists (docs/protocol.md §3). */
export function hotfixesAt(recipe: Recipe, number: number): FilePlan[] {
  return HOTFIX_LINES.map((line) => loneFile(line, 'hotfix', recipe, number));
}

/** Named by PRODUCT_SECTIONS, and not on the server: old indexes name what was deleted years ago. */
export const ABSENT_PROGRAMS = ['product/guard_common.zip', 'Product/AUMailOld.zip'] as const;

/**
 * The end of an index: products, of which few have files. `<path>` becomes `path,size`. As in the real one, paths are
 * empty or junk, old packages are gone, `Product/` is `product/`, and a section may start without a blank line.
 */
export const PRODUCT_SECTIONS = `[EXCLUSION]
VSAPI=1.01,1.02
GUARD=2.9

[All_Product]
MaxProductID=525
Product.32=Lab Mail Guard, 4.0, 5.0
Product.37=Lab Group Guard , 1.0, 2.0
Product.46=Lab Desktop Agent, 3.5, 6.0
Product.70=Lab Agent for Handhelds, 3.0, 4.0
Product.95=Lab Gateway, 1.0, 2.0
Product.524=Lab Guard full package, 1.0, 7.0
Product.525=Lab Guard common package, 1.0, 7.0

[Info_32_50000_1_1]
Version=5.0
EngineType=0x04
PatternType=0x02
Path=
Update_Path=

[Info_37_20000_4_1]
Version=2.1
EngineType=0x04
PatternType=0x02
Path=f
Update_Path=Product/AUMailOld.zip,34000

[Info_46_35000_1_1]
Version=3.5
EngineType=0
PatternType=0x02
Path=
Update_Path=Product/AUMailOld.zip,34000

[Info_46_35000_2_1]
Version=3.5
EngineType=0
PatternType=0x02
Path=
Update_Path=Product/AUMailOld.zip,34000

[Info_70_30000_1_1]
Version=3.0
Update_Path=
Path=<Product/Guard_Palm.zip>

[Info_95_10000_1_1]
Version=1.10
EngineType=
PatternType=
Path=<product/gateway.tar.gz>

[Info_524_10000_1_1]
Version=6.3
Build=1501
Update_Path=<product/guard_patch.zip>
Path=<product/guard_agent.zip>

[Info_524_10000_1_5889]
Version=6.3
Build=1501
Update_Path=<product/guard_patch_x64.zip>
Path=<product/guard_agent_x64.zip>

[Info_525_10000_1_1]
Version=6.3
Build=1501
Update_Path=<product/guard_patch.zip>
Path=product/guard_common.zip,66000
[Info_525_10000_1_5889]
Version=6.3
Build=1501
Update_Path=<product/guard_patch_x64.zip>
`;
