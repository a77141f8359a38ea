import type { X509Certificate } from 'node:crypto';

/** Kinds of alternative names that name a client by a plain text. */
const KINDS = new Set(['DNS', 'IP Address', 'email', 'URI']);

/**
 * One alternative name as Node writes it, with what stands before the next: `DNS:pc-7.example.com, `. What could be taken for
 * the end of a name is in quotes, and no bare comma is in them either (CVE-2021-44532).
 */
const ALTERNATIVE = /([^:",]+):((?:[^",]|"(?:[^"\\]|\\.)*")*)(?:, |$)/y;

/**
 * By what a certificate names its holder: each CN of its subject, and its alternative names that are a DNS name, an address, a mail
 * address or a URI (RFC 5280 §4.2.1.6), as they stand in it. An extension that does not read to its end gives none.
 */
export function certificateNames(certificate: X509Certificate): readonly string[] {
  // `subject` is a text for people: "CN=a + OU=b" may be two attributes, or one.
  const { CN = [] } = certificate.toLegacyObject().subject as { CN?: string | string[] };
  return [...[CN].flat(), ...alternativeNames(certificate.subjectAltName ?? '')];
}

/** Of an extension as Node writes it. Exported for its test. */
export function alternativeNames(text: string): readonly string[] {
  const names: string[] = [];
  const reader = new RegExp(ALTERNATIVE);
  while (reader.lastIndex < text.length) {
    const [, kind = '', name = ''] = reader.exec(text) ?? [];
    if (kind === '') return [];
    if (KINDS.has(kind)) names.push(plain(name));
  }
  return names;
}

/** Names in quotes are JSON strings; one that is none names nobody. */
function plain(name: string): string {
  if (!name.startsWith('"')) return name;
  try {
    return String(JSON.parse(name));
  } catch {
    return '';
  }
}
