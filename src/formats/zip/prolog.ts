/** What stands before the root of an XML document (XML 1.0 §2.8), as far as it tells whether there is a DOCTYPE. Pure. */

/** Octets of a document that are looked at. */
export const PROLOG_BYTES = 65_536

/**
 * Has a document that begins so a DOCTYPE, in whatever encoding of ASCII letters? A beginning of `PROLOG_BYTES` that is
 * nothing but declarations and comments counts as one: nobody writes that. */
export function hasDoctype(begin: Buffer): boolean {
  // UTF-16 and UTF-32 differ from ASCII by their zeros.
  const text = begin
    .subarray(0, PROLOG_BYTES)
    .toString('latin1')
    .replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff|\0\0\xfe\xff)/, '')
    .replaceAll('\0', '')
  for (let at = 0; ; ) {
    while (/[ \t\r\n]/.test(text[at] ?? '')) at += 1
    if (text.startsWith('<!DOCTYPE', at)) return true
    const open = ['<!--', '<?'].find((one) => text.startsWith(one, at))
    if (open === undefined) return at === text.length && begin.length >= PROLOG_BYTES
    const close = open === '<?' ? '?>' : '-->'
    const end = text.indexOf(close, at + open.length)
    if (end < 0) return begin.length >= PROLOG_BYTES
    at = end + close.length
  }
}
