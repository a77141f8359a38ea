/** The kinds of item, each with a fallback of its own (docs/protocol.md §1, "Three kinds of item"). */
export const ITEM_KINDS = ['components', 'domainSettings', 'programs'] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** What administrators call them. */
export const KIND_WORDS: Readonly<Record<ItemKind, string>> = {
  components: 'components',
  domainSettings: 'domain settings',
  programs: 'agent programs and hot fixes',
};

/** The kind a person means: as the configuration writes it (`domainSettings`), or as commands do (`domain-settings`). */
export function parseItemKind(text: string): ItemKind | undefined {
  return ITEM_KINDS.find((kind) => kind === text || commandWord(kind) === text);
}

/** `domainSettings` → `domain-settings`. */
export function commandWord(kind: ItemKind): string {
  return kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
