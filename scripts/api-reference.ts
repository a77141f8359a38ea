import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRelay } from '../src/app.ts';
import { loadConfig } from '../src/config/load.ts';
import { page, tableOf } from './markdown.ts';

/** What the reference shows of a JSON Schema. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: string | number | boolean;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Operation {
  readonly summary?: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    name: string;
    in: string;
    required?: boolean;
    description?: string;
    schema: Schema;
  }[];
  readonly requestBody?: Content;
  readonly responses?: Readonly<Record<string, Content>>;
}

interface Openapi {
  readonly info: { readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** `docs/reference/api.md`, from what a relay answers to `GET /api/v1/openapi.json`. */
export async function apiReference(): Promise<string> {
  const { info, paths } = await described();
  const sections = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => section(`${method.toUpperCase()} ${path}`, operation)),
  );
  return page(
    'Admin API',
    `${info.description} Lists come in pages: \`limit\` and \`offset\`. A field or a parameter that is not here is refused. The same for programs: \`GET /api/v1/openapi.json\` (OpenAPI 3.1).`,
    ...sections,
  );
}

/** A relay of its own, with nothing to mirror: routes and schemas come from nowhere else. */
async function described(): Promise<Openapi> {
  const folder = await mkdtemp(join(tmpdir(), 'relay-reference-'));
  try {
    const { config } = await loadConfig({
      cwd: folder,
      env: {
        RELAY_SOURCES__OFFICE_SCAN_SERVER: 'http://127.0.0.1:1/officescan',
        RELAY_SOURCES__UPDATE_AGENTS_ONLY_FROM_SERVER: 'true',
        RELAY_STORAGE__PATH: join(folder, 'store'),
        RELAY_STORAGE__MIN_FREE: '0B',
        RELAY_AGENTS__HOST: '127.0.0.1',
        RELAY_AGENTS__PORT: '0',
        RELAY_ADMIN__PORT: '0',
      },
    });
    const relay = await startRelay(config, { listeners: [], limits: { tries: 1 } });
    try {
      const answer = await fetch(`${relay.adminUrl}/api/v1/openapi.json`);
      return (await answer.json()) as Openapi;
    } finally {
      await relay.close('the reference is written');
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function section(
  title: string,
  { summary = '', security, parameters = [], requestBody, responses = {} }: Operation,
): string {
  const answers = Object.entries(responses).map(([status, answer]) => contentOf(`Answer ${status}`, answer));
  return [
    `## \`${title.replaceAll(/\{(\w+)\}/g, ':$1')}\``,
    security ? `${summary} Needs the admin token.` : summary,
    parameters.length > 0 && tableOf(['Parameter', 'Value', 'Meaning'], parameters.map(parameterRow)),
    requestBody && contentOf('Body, which may be absent', requestBody),
    ...answers,
  ]
    .filter(Boolean)
    .join('\n\n');
}

function parameterRow({ name, required, description, schema }: NonNullable<Operation['parameters']>[number]): string[] {
  return [`\`${name}\`${required ? '' : ', optional'}`, typeOf(schema), description ?? schema.description ?? ''];
}

/** JSON as a table of its fields, anything else by its type. */
function contentOf(title: string, { content = {} }: Content): string {
  return Object.entries(content)
    .map(([type, { schema = {} }]) => {
      const rows = fieldsOf(schema, '');
      const head = `${title}, \`${type}\``;
      return rows.length > 0 ? `${head}:\n\n${tableOf(['Field', 'Value', 'Meaning'], rows)}` : `${head}.`;
    })
    .join('\n\n');
}

function fieldsOf(schema: Schema, prefix: string): string[][] {
  const { properties, required = [] } = bodyOf(schema);
  return Object.entries(properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const optional = required.includes(name) ? '' : ', optional';
    const inner = bodyOf(field);
    const below = inner.items ? fieldsOf(inner.items, `${path}[].`) : fieldsOf(inner, `${path}.`);
    const row = [`\`${path}\`${optional}`, typeOf(field), field.description ?? ''];
    return [row].concat(below);
  });
}

/** Of something that may be null, what it is else; of one of several, the fields of all. */
function bodyOf(schema: Schema): Schema {
  const choices = schema.anyOf?.filter(({ type }) => type !== 'null') ?? [];
  const [only, ...more] = choices;
  if (!only) return schema;
  if (more.length === 0) return only;
  return { type: 'object', properties: Object.assign({}, ...choices.map(({ properties }) => properties)) };
}

function typeOf({ type, enum: values, const: value, anyOf, items }: Schema): string {
  if (values) return values.map((one) => `\`${String(one)}\``).join(', ');
  if (value !== undefined) return `\`${String(value)}\``;
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(' or ');
  if (type === 'array') return items ? `list of ${typeOf(items)}` : 'list';
  return type ?? 'anything';
}
