/** Character sets of (0008,0005) (PS3.3 §C.12.1.1.2) by the names that decoders know. */
const SETS: Readonly<Record<string, string>> = {
  '': 'utf-8',
  'ISO_IR 6': 'utf-8',
  'ISO_IR 100': 'latin1',
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 148': 'iso-8859-9',
  'ISO_IR 203': 'iso-8859-15',
  'ISO_IR 192': 'utf-8',
}

/**
 * The text of a value, without padding. Where no set is named, UTF-8 is read as it is and any other byte as Latin-1, which
 * is what modalities write. `readable` false: bytes beyond ASCII of a set that is not known here, or not of the set named. */
export function decodeText(value: Uint8Array, charset: string): { readonly text: string; readonly readable: boolean } {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
  if (bytes.every((byte) => byte < 0x80)) return { text: trimmed(bytes.toString('latin1')), readable: true }
  const [first = ''] = charset.replace(/\0/g, '').split('\\')
  const name = first.trim().replace(/^ISO 2022 IR /, 'ISO_IR ')
  const set = SETS[name]
  if (set === undefined || bytes.includes(0x1b)) return { text: trimmed(bytes.toString('latin1')), readable: false }
  try {
    return { text: trimmed(new TextDecoder(set, { fatal: true }).decode(bytes)), readable: true }
  } catch {
    return { text: trimmed(bytes.toString('latin1')), readable: name === '' || name === 'ISO_IR 6' }
  }
}

function trimmed(text: string): string {
  return text.replace(/[\0 ]+$/, '').replace(/^ +/, '')
}
