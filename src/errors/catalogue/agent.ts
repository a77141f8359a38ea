import type { CatalogueEntry } from './entry.ts';

export const agentErrors = {
  RLY_AGENT_NO_SOURCE: {
    fault: 'upstream',
    what: 'none of the {count} sources could bring this agent up to date: {reasons}',
    advice: 'Deal with the first one; an agent tries all of them again at its next schedule.',
  },
  RLY_AGENT_FOLDER: {
    fault: 'storage',
    what: 'the agent cannot use {path}: {reason}',
    advice: 'Check the folder given with --out: that it may be written to, and that the disk has room.',
  },
  RLY_AGENT_STATE: {
    fault: 'storage',
    what: '{path} is not what an agent remembers its versions in, and is not written over',
    advice: 'Give another folder with --out, or delete the file: the agent then starts as a new one.',
  },
} as const satisfies Record<string, CatalogueEntry>;
