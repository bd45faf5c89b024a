/** Archives for tests, honest and hostile: every field of a header can be written wrongly. */
import { gzipSync } from 'node:zlib'

/** An entry as it is to be written; what is left out is written as it should be. */
export interface Entry {
  readonly name: string
  readonly text?: string
  readonly kind?: string
  /** What the header says instead of the size in octal. */
  readonly size?: string
  readonly checksum?: string
  readonly prefix?: string
}

const BLOCK = 512

/** The bytes of one entry: its header and its blocks. */
export function entryBytes({ name, text = '', kind = '0', size, checksum, prefix = '' }: Entry): Buffer {
  const header = Buffer.alloc(BLOCK)
  const bytes = Buffer.from(text)
  header.write(name, 0, 100)
  header.write('0000644\0', 100)
  header.write(size ?? `${bytes.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('        ', 148)
  header.write(kind, 156)
  header.write('ustar\0', 257)
  header.write('00', 263)
  header.write(prefix, 345, 155)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)])
}

/** A tar archive with its two empty blocks at the end. */
export function tar(entries: readonly Entry[]): Buffer {
  return Buffer.concat([...entries.map(entryBytes), Buffer.alloc(2 * BLOCK)])
}

/** A record of a pax header. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  let length = rest.length
  while (String(length).length + Buffer.byteLength(rest) !== length)
    length = String(length).length + Buffer.byteLength(rest)
  return `${length}${rest}`
}

/** `package/package.json` of an R4 package. */
export const MANIFEST: Entry = {
  name: 'package/package.json',
  text: JSON.stringify({
    name: 'test.fhir.example',
    version: '1.2.0',
    fhirVersions: ['4.0.1'],
    dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
  }),
}

/** A file of the package. */
export function packed(name: string, resource: object): Entry {
  return { name: `package/${name}`, text: JSON.stringify(resource) }
}

/** A package of these files, its manifest first. */
export function tgz(entries: readonly Entry[], manifest: Entry = MANIFEST): Buffer {
  return gzipSync(tar([manifest, ...entries]))
}

/** A profile of a type that asks for one element. */
export function profile(url: string, type = 'Patient', asked = 'birthDate'): object {
  return {
    resourceType: 'StructureDefinition',
    id: 'x',
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">for people</div>' },
    url,
    version: '1.2.0',
    name: 'X',
    status: 'active',
    fhirVersion: '4.0.1',
    kind: 'resource',
    abstract: false,
    type,
    baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
    derivation: 'constraint',
    snapshot: {
      element: [
        { id: type, path: type, definition: 'for people', min: 0, max: '*' },
        {
          id: `${type}.${asked}`,
          path: `${type}.${asked}`,
          short: 'for people',
          min: 1,
          max: '1',
          type: [{ code: 'date' }],
        },
      ],
    },
  }
}
