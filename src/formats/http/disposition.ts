/** Content-Disposition of a file that somebody else named (RFC 6266). Pure. */

/** Characters of a name that is kept. */
const LONGEST = 150

/** A file's name as it is given on: one line, no folders, nothing that systems take for more than a name. */
export function safeFileName(name: string, otherwise = 'piece'): string {
  const plain = name
    .normalize('NFC')
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, '')
    .replace(/[/\\:*?"<>|]+/g, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '')
    .toWellFormed()
  return [...plain].slice(-LONGEST).join('') || otherwise
}

/** `attachment` with the name, in ASCII and in UTF-8. */
export function attachmentNamed(name: string): string {
  const safe = safeFileName(name)
  const ascii = safe
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^\x20-\x7e]|[%"\\]/g, '_')
  const encoded = encodeURIComponent(safe).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}
