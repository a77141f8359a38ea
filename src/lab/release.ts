import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { RelayError } from '../errors/relay-error.ts';
import { componentAt, type FileKind, type FilePlan, type ListedComponent, signatureOf } from './components.ts';
import { makeContent } from './content.ts';
import { indexText } from './index-text.ts';
import { hotfixesAt, programsAt } from './programs.ts';
import { serverTexts } from './server-texts.ts';
import { type Shape, shapeLines } from './shape.ts';

/** One file of a release. Its size is known before its bytes are made. */
export interface LabFile {
  readonly kind: FileKind;
  /** Below the base URL, as the index writes it: `pattern/v_985.987`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Strong, with its quotes; changes exactly when the bytes do. */
  readonly etag: string;
  /** When the release appeared that brought this content. */
  readonly lastModified: Date;
  read(): Promise<Buffer>;
}

/** What a server publishes at one moment. */
export interface Release {
  readonly number: number;
  /** The bytes of server.ini. */
  readonly index: Buffer;
  /** By component id; what an agent has when it is up to date. */
  readonly versions: ReadonlyMap<string, string>;
  /** By path as the index writes it; `server.ini` is one of them. */
  readonly files: ReadonlyMap<string, LabFile>;
  /** The bytes a client should get for a path as the index writes it. Rejects with RLY_INTERNAL for another path. */
  file(path: string): Promise<Buffer>;
}

/** All releases of a made-up vendor. */
export interface Catalogue {
  /** From 1 on; each is a function of its number and the catalogue's options alone. */
  release(number: number): Release;
}

export interface CatalogueOptions {
  /** Another seed: other sizes, other moments of change, other bytes everywhere. */
  readonly seed?: string;
  /** Of all sizes; 1 is some 158 MiB a release in the full shape, and tests use 0.001. */
  readonly scale?: number;
  readonly shape?: Shape;
  /** What the index says in `[Server]`. */
  readonly activeUpdateUrl?: string;
}

/** Bytes. What was made is kept up to here: one full release at scale 1, and what the next one brings. */
const CACHE_SIZE = 256 * 1024 * 1024;

/** A vendor's releases: deterministic, independent of all other catalogues, their files made when they are read. */
export function createCatalogue({
  seed = 'lab',
  scale = 0.001,
  shape = 'full',
  activeUpdateUrl = 'http://activeupdate.invalid/activeupdate',
}: CatalogueOptions = {}): Catalogue {
  const recipe = { seed, scale };
  const lines = shapeLines(shape);
  const made = new LRUCache<string, Buffer, FilePlan>({
    maxSize: CACHE_SIZE,
    sizeCalculation: (bytes) => bytes.length,
    fetchMethod: (_, __, { context }) => makeContent(context.packing, context.key, context.size),
  });
  const read = async (plan: FilePlan): Promise<Buffer> =>
    made.forceFetch(`${plan.packing} ${plan.key}`, { context: plan });

  return {
    release(number) {
      const patterns = lines.patterns.map((line) => componentAt(line, 'pattern', recipe, number));
      const engines = lines.engines.map((line) => componentAt(line, 'engine', recipe, number));
      const programs = programsAt(recipe, number);
      const components: ListedComponent[] = [...patterns, ...engines];
      const listed = components.flatMap(({ full, incrementals }) => [full, ...incrementals]);
      const signatures = listed.filter(({ signed }) => signed).map(signatureOf);
      const index = Buffer.from(indexText({ number, activeUpdateUrl, patterns, engines, programs }), 'latin1');

      const files = [
        textFile('index', 'server.ini', index, number),
        ...serverTexts(seed, number).map(({ kind, path, text, since }) =>
          textFile(kind, path, Buffer.from(text, 'latin1'), since),
        ),
        ...[...listed, ...signatures, ...programs, ...hotfixesAt(recipe, number)].map((plan) =>
          plannedFile(plan, () => read(plan)),
        ),
      ];
      const byPath = new Map(files.map((file) => [file.path, file]));
      return {
        number,
        index,
        versions: new Map(components.map(({ full }) => [full.component, full.version])),
        files: byPath,
        async file(path) {
          const file = byPath.get(path);
          if (!file) throw new RelayError('RLY_INTERNAL', { reason: `release ${number} of the lab has no ${path}` });
          return file.read();
        },
      };
    },
  };
}

function textFile(kind: FileKind, path: string, bytes: Buffer, since: number): LabFile {
  const etag = etagOf(bytes);
  return { kind, path, size: bytes.length, etag, lastModified: publishedAt(since), read: async () => bytes };
}

function plannedFile({ kind, path, size, packing, key, since }: FilePlan, read: () => Promise<Buffer>): LabFile {
  return { kind, path, size, etag: etagOf(`${packing} ${size} ${key}`), lastModified: publishedAt(since), read };
}

function etagOf(content: string | Buffer): string {
  return `"${hash('sha256', content).slice(0, 16)}"`;
}

// The vendor publishes about 1.2 releases a day (docs/protocol.md §4).
const RELEASE_INTERVAL = 20 * 60 * 60 * 1000;

function publishedAt(release: number): Date {
  return new Date(Date.UTC(2026, 0, 5, 6) + (release - 1) * RELEASE_INTERVAL);
}
