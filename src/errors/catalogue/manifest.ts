import type { CatalogueEntry } from './entry.ts';

const KEPT = 'This index is not used and what was published before is still served; the next update asks again.';

export const manifestErrors = {
  RLY_MANIFEST_NOT_AN_INDEX: {
    fault: 'upstream',
    what: 'this is not a server.ini: {reason}; it begins with {found}',
    advice: 'Look at the URL in a browser: a login page, a proxy notice or an empty file are the usual causes.',
  },
  RLY_MANIFEST_SYNTAX: {
    fault: 'upstream',
    what: 'line {line} of server.ini cannot be read: found {found}, expected {expected}',
    advice: `${KEPT} If the line looks right to you, please report it: the vendor may have changed the format.`,
  },
  RLY_MANIFEST_DUPLICATE: {
    fault: 'upstream',
    what: 'line {line} of server.ini gives {found} in [{section}] a second time, expected it once: it is on line {first} already',
    advice: `${KEPT} Compare the two lines at the source; two files may have been joined.`,
  },
  RLY_MANIFEST_PATH: {
    fault: 'upstream',
    what: 'line {line} of server.ini names a path that is refused: found {found}, expected {expected}',
    advice: `${KEPT} No vendor writes such a path: find out who else can write at the source or on the way to it.`,
  },
  RLY_MANIFEST_SIZE: {
    fault: 'upstream',
    what: 'line {line} of server.ini gives a size that is refused: found {found}, expected {expected}',
    advice: `${KEPT} Compare the line with the file at the source.`,
  },
  RLY_MANIFEST_COUNT: {
    fault: 'upstream',
    what: 'line {line} of server.ini: the incrementals of {component} do not match their count: found {found}, expected {expected}',
    advice: `${KEPT} The file may be torn or may have been read while a release was uploaded.`,
  },
  RLY_MANIFEST_CONFLICT: {
    fault: 'upstream',
    what: 'line {line} of server.ini gives {path} another content than line {first}: found {found}, expected {expected}',
    advice: `${KEPT} One URL can have one content only; compare the two lines at the source.`,
  },
  RLY_MANIFEST_LIMIT: {
    fault: 'upstream',
    what: 'line {line} of server.ini goes beyond a limit: found {found}, expected {expected}',
    advice: `${KEPT} A real index is a hundred times smaller: look at what the URL answers.`,
  },
  RLY_MANIFEST_TOO_LARGE: {
    fault: 'upstream',
    what: 'line {line} of server.ini: with {path} all objects add up to {found} bytes, expected at most {expected}',
    advice: 'Raise storage.maxSize if the source really offers so much. What was published before is still served.',
  },
} as const satisfies Record<string, CatalogueEntry>;
