import { hash } from 'node:crypto';
import { isRelayError, RelayError } from '../errors/relay-error.ts';
import { parseManifest, type Manifest, type ManifestObject } from '../manifest/manifest.ts';
import { objectIdentity } from '../manifest/model.ts';
import { SIGNATURE_LIMIT, signaturePath } from '../manifest/path.ts';
import type { UpdateSource } from '../upstream/source.ts';
import type { ObjectRequest, Upstream } from '../upstream/upstream.ts';
import type { FetchedObject, Home } from './home.ts';
import { planSteps, type AgentKind, type Step } from './plan.ts';
import { trackProgress, type AgentProgress, type ProgressTracker } from './progress.ts';
import type { ReportedItem } from './report.ts';
import { sourceName } from './source-name.ts';

/** What every step of a run works with. */
export interface AgentContext {
  readonly upstream: Upstream;
  readonly home: Home;
  readonly kinds: readonly AgentKind[];
  /** Versions held, by component id. */
  readonly versions: ReadonlyMap<string, string>;
  /** What this run brought home from any source, by identity. None of it is fetched twice. */
  readonly fetched: Map<string, FetchedObject>;
  readonly onProgress: (progress: AgentProgress) => void;
  readonly signal: AbortSignal | undefined;
}

export interface SourceOutcome {
  /** SHA-256 of the index. */
  readonly index: string;
  readonly components: readonly ReportedItem[];
}

/**
 * Brings an agent up to date from one source: the index, what it lists that is newer, and the signatures, one after the
 * other as agents do (docs/protocol.md §2, §4). Throws what makes this source unavailable, RLY_UPSTREAM_* and
 * RLY_MANIFEST_*, and RLY_AGENT_FOLDER.
 */
export async function updateFrom(source: UpdateSource, context: AgentContext): Promise<SourceOutcome> {
  const bytes = await fetchIndex(source, context);
  const manifest = parseManifest(bytes);
  const steps = planSteps(manifest, context.kinds, context.versions, await programsHere(manifest, context));
  const progress = trackProgress(sourceName(source.url), steps, context.onProgress);
  const components: ReportedItem[] = [];
  for (const step of steps) components.push(await perform(step, source, context, progress));
  return { index: hash('sha256', bytes), components };
}

async function fetchIndex(source: UpdateSource, { upstream, signal }: AgentContext): Promise<Buffer> {
  const answer = await upstream.fetchIndex(source, null, signal);
  if (answer.state === 'fetched') return answer.bytes;
  throw new RelayError('RLY_UPSTREAM_STATUS', {
    url: `${sourceName(source.url)}/server.ini`,
    found: 304,
    expected: 200,
  });
}

async function programsHere({ programs }: Manifest, { kinds, home }: AgentContext): Promise<Set<ManifestObject>> {
  const here = new Set<ManifestObject>();
  for (const program of kinds.includes('programs') ? programs : []) {
    if ((await home.find(program)) !== null) here.add(program);
  }
  return here;
}

async function perform(
  { id, name, before, after, how, object }: Step,
  source: UpdateSource,
  context: AgentContext,
  progress: ProgressTracker,
): Promise<ReportedItem> {
  const nothing = { id, name, before, after, how, path: null, bytes: 0, sha256: null, signature: null };
  if (object === null) return nothing;
  const { path, size: bytes } = object;
  const sha256 = await obtain(object, source, context, progress);
  const signature = sha256 === null ? null : await fetchSignature(path, source, context);
  progress.finish(object);
  if (sha256 === null) return { ...nothing, how: 'absent', path };
  return { id, name, before, after, how, path, bytes, sha256, signature };
}

/** The SHA-256 of an object that is home, or comes now; null for a program package that the source does not have. */
async function obtain(
  object: ManifestObject,
  source: UpdateSource,
  context: AgentContext,
  progress: ProgressTracker,
): Promise<string | null> {
  const identity = objectIdentity(object);
  const known = context.fetched.get(identity)?.sha256 ?? (await context.home.find(object));
  if (known !== null) return known;
  const { path, size } = object;
  const onProgress = (held: number) => progress.advance(object, held);
  try {
    const sha256 = await transfer({ source, path, size: { exact: size }, onProgress }, identity, context);
    context.fetched.set(identity, { object, sha256 });
    return sha256;
  } catch (error) {
    // Old packages are named with wrong sizes or are long gone (docs/protocol.md): no reason to go without patterns.
    const gone = isRelayError(error, 'RLY_UPSTREAM_NOT_FOUND') || isRelayError(error, 'RLY_UPSTREAM_SIZE');
    if (object.kind === 'program' && gone) return null;
    throw error;
  }
}

/** The SHA-256 of an object's signature; null where the source has none, as it has for some files (docs/protocol.md §4). */
async function fetchSignature(path: string, source: UpdateSource, context: AgentContext): Promise<string | null> {
  try {
    return await transfer({ source, path: signaturePath(path), size: { limit: SIGNATURE_LIMIT } }, null, context);
  } catch (error) {
    if (isRelayError(error, 'RLY_UPSTREAM_NOT_FOUND')) return null;
    throw error;
  }
}

async function transfer(
  request: Omit<ObjectRequest, 'sink'>,
  identity: string | null,
  { home, upstream, signal }: AgentContext,
): Promise<string> {
  const sink = await home.open(request.path, identity);
  try {
    await upstream.fetchObject({
      ...request,
      sink,
      onValidators: (validators) => sink.bind(validators),
      ...(sink.validators && { validators: sink.validators }),
      ...(signal && { signal }),
    });
    return await sink.commit();
  } finally {
    await sink.abort();
  }
}
