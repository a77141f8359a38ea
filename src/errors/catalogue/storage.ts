import type { CatalogueEntry } from './entry.ts';

export const storageErrors = {
  RLY_STORAGE_FULL: {
    fault: 'storage',
    what: 'no room for {bytes} bytes in {path}: {reason}',
    advice: 'Free disk space, or change storage.maxSize or storage.minFree. What is on disk is still served.',
  },
  RLY_STORAGE_READ_ONLY: {
    fault: 'storage',
    what: '{path} is on a file system that is mounted read-only',
    advice:
      'Mount it writable; a container needs a volume at storage.path. If it was writable before, the kernel’s log (dmesg) says why it is not now.',
  },
  RLY_STORAGE_DENIED: {
    fault: 'storage',
    what: 'the system does not let user {uid} use {path} ({code})',
    advice: 'Give the folder of storage.path to the user the relay runs as: `chown -R {uid} FOLDER`.',
  },
  RLY_STORAGE_IO: {
    fault: 'storage',
    what: '{path} could not be used: {call} failed with {code}',
    advice:
      'EIO: look at the kernel’s log (dmesg) and the health of the disk. EMFILE, ENFILE: raise the limit of open files. ENOENT: something else deletes files in the store.',
  },
  RLY_STORAGE_LIMIT: {
    fault: 'upstream',
    what: '{found} bytes came where {bound} {expected} were announced',
    advice: 'The source sends something else than its index lists. Nothing was kept; the next update fetches it again.',
  },
  RLY_STORAGE_BLOB_BROKEN: {
    fault: 'storage',
    what: 'blob {sha256} cannot be used: it {reason}',
    advice: 'It is not served. The next update fetches it again; if this happens often, check the disk.',
  },
  RLY_STORAGE_FORMAT: {
    fault: 'config',
    what: '{path} cannot be the store: {reason}',
    advice: 'Point storage.path at an empty folder, or at one this relay wrote. Nothing in the folder was changed.',
  },
  RLY_STORAGE_OWNER: {
    fault: 'config',
    what: '{path} is not for user {user} alone: {reason}',
    advice:
      'Whoever can write in the store decides what agents install. Run this as the user it belongs to (as root: `setpriv --reuid UID --clear-groups COMMAND`), or give it to that user and nobody else (`chown -R {user} FOLDER && chmod 0700 FOLDER`). Nothing was changed.',
  },
  RLY_STORAGE_LOCKED: {
    fault: 'storage',
    what: '{path} is in use by process {pid} on {host}, since {since}',
    advice:
      'One store serves one relay: stop the other one, or give this one a storage.path of its own. The lock ends with its process; there is no file to delete.',
  },
} as const satisfies Record<string, CatalogueEntry>;
