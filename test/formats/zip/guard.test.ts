import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { leadsOut } from '../../../src/formats/zip/entry-name.ts'
import { type ZipBudget, ZipGuard } from '../../../src/formats/zip/guard.ts'
import { hasDoctype } from '../../../src/formats/zip/prolog.ts'
import { missing } from '../../support/world/needs.ts'
import { descriptor, localHeader, overlapping, type Zipped, zip } from '../../support/zip.ts'

const BUDGET: ZipBudget = { entries: 20, bytes: 4_000_000, ratio: 100, allXml: false }

async function judged(bytes: Buffer, budget = BUDGET, sizes: readonly number[] = [65_536]) {
  const guard = new ZipGuard(budget)
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length]!
    // Whoever pushes may use the chunk again.
    const chunk = Buffer.from(bytes.subarray(at, at + size))
    await guard.push(chunk)
    chunk.fill(0x50)
    at += size
  }
  return { fault: guard.end(), unpacked: guard.unpacked }
}

const noise = randomBytes(5_000)
const metadata = 'IHE_XDM/SUBSET01/METADATA.XML'
const doctype = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'
const xdm: readonly Zipped[] = [
  { name: 'README.TXT', data: 'Lisez-moi' },
  { name: 'IHE_XDM/', method: 0 },
  { name: metadata, data: '<?xml version="1.0"?><!-- <!DOCTYPE a> --><a/>' },
  { name: 'IHE_XDM/SUBSET01/DOC0001.XML', data: '<ClinicalDocument/>' },
  { name: 'IHE_XDM/SUBSET01/IMAGE.PNG', data: noise, method: 0 },
]
const inner = zip(xdm)
const evil = zip([{ name: '../evil', data: 'x' }])
const END_BYTES = 22

describe('what stays within', () => {
  test.each<[what: string, bytes: Buffer]>([
    ['an archive of a document', inner],
    ['an empty archive', zip([])],
    ['nothing', Buffer.alloc(0)],
    ['what is none', noise],
    ['an archive behind something else, which its offsets count', zip(xdm, { before: Buffer.from('MZ and PK') })],
    ['an archive behind something else, which they do not count', Buffer.concat([Buffer.from('MZ and PK'), inner])],
    [
      'an archive behind what looks like a header',
      Buffer.concat([Buffer.from('MZ PK\x03\x04 and no method that there is'), inner]),
    ],
    ['two archives', Buffer.concat([inner, inner])],
    ['an archive inside it, which is not opened', zip([{ name: 'in.zip', data: evil }])],
    ['the same, stored', zip([{ name: 'in.zip', data: evil, method: 0 }])],
    ['a secret file', zip([{ name: 'a.xml', data: noise, method: 0, flags: 1 }])],
    [
      'a file packed by another method',
      zip([{ name: 'a', packed: noise, method: 14, central: { size: 10 }, local: { size: 10 } }]),
    ],
    ['a DOCTYPE that is none of the document’s', zip([{ name: 'page.xml', data: doctype }])],
    ['a DOCTYPE behind the root', zip([{ name: metadata, data: `<a/>${doctype}` }])],
    ['XML without a root', zip([{ name: metadata, data: '<?xml version="1.0"?>' }])],
    ['a file of its own that nothing speaks of', zip([...xdm, { name: 'old', data: 'x', central: null }])],
    ['a file that is broken', zip([{ name: 'a', packed: noise, local: { size: 9 }, central: { size: 9 } }])],
    ['an archive that was cut in a file', inner.subarray(0, 3_000)],
    ['an archive that was cut in its directory', inner.subarray(0, -60)],
    ['a mebibyte of zeros', zip([{ name: 'zeros', data: Buffer.alloc(2 ** 20) }])],
    ['as many files as may be', zip(Array.from({ length: 20 }, (_, i) => ({ name: `f${i}` })))],
  ])('%s', async (_what, bytes) => {
    expect((await judged(bytes)).fault).toBe(null)
  })

  test.each<[what: string, method: number]>([
    ['deflated', 8],
    ['stored', 0],
    ['packed by another method', 14],
  ])('a file that says its length behind itself: %s', async (_what, method) => {
    // With what looks like its own descriptor inside.
    const data = zip([{ name: 'a', data: Buffer.concat([Buffer.from('PK\x07\x08'), noise]), method: 0 }])
    const packed = method === 8 ? deflateRawSync(data) : data
    const local = { compressed: 0, size: 0 }
    const file = { name: 'in.zip', data, packed, method, flags: 8, local, behind: descriptor(data, packed.length) }
    const bytes = zip([file, { name: 'after', data: 'x' }])
    expect(await judged(bytes)).toEqual({ fault: null, unpacked: data.length + 1 })
    expect(await judged(bytes, BUDGET, [7])).toEqual({ fault: null, unpacked: data.length + 1 })
  })
})

const zeros = (bytes: number, said = bytes): Zipped => ({
  name: 'zeros',
  data: Buffer.alloc(bytes),
  local: { size: said },
  central: { size: said },
})

describe('what does not', () => {
  test.each<[what: string, fault: string, bytes: Buffer]>([
    ['a name that leads out', 'name', evil],
    ['one that only the directory has', 'name', zip([{ name: 'ok', central: { name: '../../etc/passwd' } }])],
    ['a symbolic link', 'symlink', zip([{ name: 'link', data: '/etc/passwd', central: { mode: 0o120777 } }])],
    ['a file too many', 'entries', zip(Array.from({ length: 21 }, (_, i) => ({ name: `f${i}` })))],
    ['a DOCTYPE in the metadata', 'doctype', zip([{ name: metadata, data: doctype }])],
    ['the same in lower case', 'doctype', zip([{ name: 'ihe_xdm/subset01/metadata.xml', data: doctype, method: 0 }])],
    ['a DOCTYPE in a document', 'doctype', zip([{ name: 'IHE_XDM/SUBSET01/DOC0001.XML', data: doctype }])],
    ['a DOCTYPE in UTF-16', 'doctype', zip([{ name: metadata, data: Buffer.from(`\ufeff${doctype}`, 'utf16le') }])],
    [
      'a DOCTYPE behind many comments',
      'doctype',
      zip([{ name: metadata, data: `${'<!--.-->'.repeat(9_000)}${doctype}` }]),
    ],
    ['more than may be unpacked', 'bytes', zip([zeros(4_000_001)])],
    ['more than it says', 'bytes', zip([zeros(6_000_000, 10)])],
    [
      'more than may be, by what a file says that is not read',
      'bytes',
      zip([{ name: 'a', packed: noise, method: 14, local: { size: 4_000_001 } }]),
    ],
    ['more times its size than may be', 'ratio', zip([zeros(3_000_000)])],
    ['one file that the directory names often', 'disagrees', zip([{ name: 'a', data: noise, central: { times: 3 } }])],
    ['files that lie over each other', 'disagrees', overlapping(10, 100_000)],
    ['another name in the directory', 'disagrees', zip([{ name: 'a', data: 'x', central: { name: 'b' } }])],
    ['a file that is encrypted by its header alone', 'disagrees', zip([{ name: 'a', data: 'x', local: { flags: 1 } }])],
    [
      'a file of another method by its header alone',
      'disagrees',
      zip([{ name: 'a', data: 'x', local: { method: 14 } }]),
    ],
    ['another length in the directory', 'disagrees', zip([{ name: 'a', data: 'x', central: { size: 9 } }])],
    ['another packed length', 'disagrees', zip([{ name: 'a', data: 'x', central: { compressed: 9 } }])],
    [
      'another place',
      'disagrees',
      zip([
        { name: 'a', data: 'x' },
        { name: 'b', data: 'y', central: { offset: 0 } },
      ]),
    ],
    ['an end that leads elsewhere', 'disagrees', zip(xdm, { end: { offset: 0 } })],
    [
      'an archive whose directory is inside a file',
      'disagrees',
      zip([{ name: 'a', data: evil.subarray(0, -END_BYTES), method: 0, central: null }], {
        end: { offset: 31 + evil.indexOf('PK\x01\x02'), size: 53 },
      }),
    ],
    [
      'an archive that ends inside a file',
      'disagrees',
      zip([{ name: 'a', data: evil, method: 0, local: { compressed: 9_999 } }]),
    ],
    [
      'one that ends inside a deflated file',
      'disagrees',
      Buffer.concat([
        localHeader({ method: 8, flags: 8, crc: 0, compressed: 0, size: 0, name: 'a' }),
        Buffer.from([0, 0xff, 0, 0, 0xff]),
        evil,
      ]),
    ],
    ['one that ends inside a header', 'disagrees', headerAround(evil)],
    ['one that ends inside a header that never does', 'disagrees', headerAround(evil, 60_000)],
    ['an end that says another length', 'disagrees', zip(xdm, { end: { size: 1 } })],
    [
      'one that ends in the comment of another',
      'disagrees',
      Buffer.concat([inner, zip([], { end: { offset: 9, size: 9 } })]),
    ],
  ])('%s: %s', async (_what, fault, bytes) => {
    expect((await judged(bytes)).fault).toBe(fault)
    expect((await judged(bytes, BUDGET, [1_000])).fault).toBe(fault)
    expect((await judged(bytes, BUDGET, [1_021, 3, 70])).fault).toBe(fault)
    if (bytes.length < 1_000) expect((await judged(bytes, BUDGET, [1])).fault).toBe(fault)
  })

  function headerAround(octets: Buffer, length = octets.length): Buffer {
    const header = localHeader({ method: 0, flags: 0, crc: 0, compressed: 0, size: 0, name: 'a' })
    header.writeUInt16LE(length, 28)
    return Buffer.concat([header, octets])
  }

  test('all XML counts where the archive is called IHE_XDM', async () => {
    const bytes = zip([{ name: 'page.xml', data: doctype }])
    expect((await judged(bytes, { ...BUDGET, allXml: true })).fault).toBe('doctype')
  })

  test('4 GB out of 42 kB are never unpacked', async () => {
    const bytes = overlapping(200, 21_000_000)
    expect(bytes.length).toBeLessThan(42_000)
    const { fault, unpacked } = await judged(bytes, { entries: 200, bytes: 200 * 2 ** 20, ratio: 100, allXml: false })
    expect(fault).toBe('disagrees')
    expect(unpacked).toBeLessThan(22_000_000)
  })
})

test('the same in whatever chunks, whatever comes', async () => {
  const good = zip([...xdm, { name: 'z', data: Buffer.alloc(3_000) }])
  const pieces = fc.constantFrom(
    good,
    evil,
    good.subarray(0, 400),
    good.subarray(-150),
    noise.subarray(0, 90),
    overlapping(3, 500),
  )
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 })
  const seen = new Map<string | null, number>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(pieces, { minLength: 1, maxLength: 3 }),
      edits,
      fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 6 }),
      async (parts, changes, sizes) => {
        const bytes = Buffer.concat(parts)
        for (const [at, octet] of changes) bytes[at % bytes.length] = octet
        const whole = await judged(bytes, { ...BUDGET, bytes: 100_000 })
        seen.set(whole.fault, (seen.get(whole.fault) ?? 0) + 1)
        expect((await judged(bytes, { ...BUDGET, bytes: 100_000 }, sizes)).fault).toBe(whole.fault)
      },
    ),
    { numRuns: 300 },
  )
  expect(seen.get(null)).toBeGreaterThan(10)
  expect(seen.get('disagrees')).toBeGreaterThan(10)
})

test.each<[name: string, out: boolean]>([
  ['a', false],
  ['a/b..c/d', false],
  ['...', false],
  ['./a', false],
  ['é', false],
  ['..', true],
  ['a/../b', true],
  ['a/..', true],
  ['/a', true],
  ['C:a', true],
  ['c:/a', true],
  ['a\\b', true],
  ['a\0b', true],
])('a file called %j leads out: %s', (name, out) => {
  expect(leadsOut(Buffer.from(name))).toBe(out)
})

test.each<[begin: string, found: boolean]>([
  ['<a/>', false],
  ['', false],
  ['no XML <!DOCTYPE a>', false],
  ['<!DOCTYPE a>', true],
  ['\xef\xbb\xbf \r\n<?xml version="1.0"?>\n<?x <!-- ?><!-- > ?> --><!DOCTYPE a', true],
  ['<!--><a/>--><!DOCTYPE a>', true],
  ['<!-- never ended <!DOCTYPE a>', false],
  ['<a><!DOCTYPE b></a>', false],
  [' '.repeat(65_536), true],
])('%j begins with a DOCTYPE: %s', (begin, found) => {
  expect(hasDoctype(Buffer.from(begin, 'latin1'))).toBe(found)
})

const PYTHON = `
import io, sys, zipfile
class Pipe(io.RawIOBase):
    def __init__(self, file): self.file = file
    def writable(self): return True
    def write(self, octets): self.file.write(octets); return len(octets)
noise = bytes((i * 7919 >> 3) & 255 for i in range(70000))
def fill(archive):
    archive.writestr('a.txt', 'x' * 900)
    archive.writestr('noise', noise)
    archive.writestr('empty', '')
    with archive.open('large', 'w', force_zip64=True) as out: out.write(noise)
    archive.comment = b'the end'
for method in ('STORED', 'DEFLATED', 'BZIP2', 'LZMA'):
    how = getattr(zipfile, 'ZIP_' + method)
    with zipfile.ZipFile(f'{sys.argv[1]}/{method}-whole.zip', 'w', how) as archive: fill(archive)
    with open(f'{sys.argv[1]}/{method}-stream.zip', 'wb') as file:
        with zipfile.ZipFile(Pipe(file), 'w', how) as archive: fill(archive)
`
const noPython = missing('python3', ['-c', 'import zipfile, lzma, bz2'])

describe.skipIf(noPython !== null)(`archives of python’s${noPython === null ? '' : `: ${noPython}`}`, () => {
  const dir = mkdtempSync(join(tmpdir(), 'zip-'))
  afterAll(() => rmSync(dir, { recursive: true }))
  if (noPython === null) execFileSync('python3', ['-c', PYTHON, dir])

  test.each(['STORED', 'DEFLATED', 'BZIP2', 'LZMA'].flatMap((method) => [`${method}-whole`, `${method}-stream`]))(
    '%s',
    async (name) => {
      const bytes = readFileSync(join(dir, `${name}.zip`))
      for (const sizes of [[65_536], [997]]) {
        expect(await judged(bytes, BUDGET, sizes)).toEqual({ fault: null, unpacked: 140_900 })
      }
    },
  )
})
