import { Type, type Static } from 'typebox';
import { componentName } from '../manifest/names.ts';
import type { Generation, GenerationObject, OnDemandObject } from '../ports/generation.ts';
import { page, pageOf, type PageQuery } from './page.ts';

const TextOrNull = Type.Union([Type.String(), Type.Null()]);

/** The kinds of object there are. */
const KINDS = ['pattern', 'incremental', 'engine', 'program', 'signature'] as const;

/** Which objects of a generation. */
export const objectsQuery = {
  kind: Type.Optional(Type.Enum([...KINDS])),
  component: Type.Optional(Type.String({ description: 'As the index numbers it: `P.4`.' })),
  path: Type.Optional(Type.String({ description: 'A part of the path, in whatever case.' })),
};

export interface ObjectsQuery extends PageQuery {
  readonly kind?: GenerationObject['kind'];
  readonly component?: string;
  readonly path?: string;
}

/** What `GET /api/v1/objects` answers. */
export const objectsSchema = pageOf(
  Type.Object({
    path: Type.String({ description: 'As the index writes it.' }),
    kind: Type.Enum([...KINDS]),
    component: Type.String(),
    name: Type.String(),
    version: TextOrNull,
    size: Type.Integer({ minimum: 0 }),
    onDemand: Type.Boolean({ description: 'It was not fetched for this generation; what follows is null then.' }),
    sha256: TextOrNull,
    proof: TextOrNull,
    source: TextOrNull,
    fetchedAt: TextOrNull,
  }),
  { generation: Type.Integer({ minimum: 0 }) },
);

/** One page of what a generation lists: first what is on disk, then what is on demand, each in the order of the index. */
export function listObjects(
  { number, objects, onDemand }: Generation,
  { kind, component, path, ...query }: ObjectsQuery,
): Static<typeof objectsSchema> {
  const part = path?.toLowerCase();
  const chosen = [...objects, ...onDemand].filter(
    (object) =>
      (kind === undefined || object.kind === kind) &&
      (component === undefined || object.component === component) &&
      (part === undefined || object.path.toLowerCase().includes(part)),
  );
  const { items, ...rest } = page(chosen, query);
  return { generation: number, ...rest, items: items.map(describe) };
}

function describe(object: GenerationObject | OnDemandObject): Static<typeof objectsSchema>['items'][number] {
  const { path, kind, component, version, size } = object;
  const known = 'sha256' in object ? object : null;
  return {
    path,
    kind,
    component,
    name: componentName(component),
    version,
    size,
    onDemand: known === null,
    sha256: known?.sha256 ?? null,
    proof: known?.proof ?? null,
    source: known?.source ?? null,
    fetchedAt: known?.fetchedAt ?? null,
  };
}
