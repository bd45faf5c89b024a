/** Names of files in archives. Pure. */

/**
 * May a file of this name land elsewhere than in the folder that it is unpacked to? Absolute, with `..`, a drive, a backslash
 * (a folder on some systems, part of the name on others) or NUL. */
export function leadsOut(name: Buffer): boolean {
  const text = name.toString('latin1')
  return /[\\\0]/.test(text) || text.startsWith('/') || /^[a-z]:/i.test(text) || text.split('/').includes('..')
}

/** Is it an XML document of the mail's archive (IHE XDM: `IHE_XDM/…`, `METADATA.XML`), or XML at all where all of it counts? */
export function isXdmXml(name: Buffer, all: boolean): boolean {
  const text = name.toString('latin1').toUpperCase()
  if (!text.endsWith('.XML')) return false
  return all || /(?:^|\/)METADATA\.XML$/.test(text) || /(?:^|\/)IHE_XDM\//.test(text)
}
