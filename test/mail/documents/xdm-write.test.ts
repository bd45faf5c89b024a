import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SaxesParser } from 'saxes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeMetadata } from '../../../src/formats/xdm/metadata.ts'
import type { XdmEntry } from '../../../src/formats/xdm/package.ts'
import { measuredDocument, writeXdm } from '../../../src/formats/xdm/write.ts'
import { unzipped, zipEntries } from '../../../src/formats/xdm/zip-read.ts'
import { archive, entry, submission } from '../../support/archives.ts'
import { cda } from '../../support/documents.ts'
import { missing } from '../../support/world/needs.ts'

const golden = (name: string): Buffer => readFileSync(new URL(`golden/${name}`, import.meta.url))
const whole = (parts: Partial<XdmEntry> = {}): XdmEntry => ({
  ...entry(parts),
  uri: 'DOC0001.XML',
  ...measuredDocument(Buffer.from(cda())),
})

describe('METADATA.XML', () => {
  test.each<[name: string, file: string, made: () => Buffer]>([
    ['of one document', 'one.xml', () => writeMetadata({ submission: submission(), entries: [whole()] })],
    [
      'of one that replaces another and is masked',
      'replaced.xml',
      () =>
        writeMetadata({
          submission: submission({ intendedRecipients: [], title: '' }),
          entries: [
            whole({
              replaces: 'urn:uuid:00000000-0000-5000-8000-00000000000a',
              serviceStopTime: '20261123091500',
              confidentialityCodes: [
                { code: 'N', system: '2.16.840.1.113883.5.25', display: 'Normal' },
                { code: 'INVISIBLE_PATIENT', system: '1.2.250.1.213.1.1.4.13', display: 'Non visible' },
              ],
              eventCodes: [{ code: 'CT', system: '1.2.840.10008.2.16.4', display: 'Scanner' }],
            }),
          ],
        }),
    ],
  ])('%s is as it was agreed', (_, file, made) => {
    expect(made().toString()).toBe(golden(file).toString())
  })

  test('another reader finds it well-formed, with its parts in the order of the schema', () => {
    const order = ['Slot', 'Name', 'Classification', 'ExternalIdentifier']
    const children: string[][] = []
    const parser = new SaxesParser({ xmlns: true })
    parser.on('opentag', ({ local }) => {
      children.at(-1)?.push(local)
      children.push([])
    })
    const broken: string[] = []
    parser.on('closetag', ({ local }) => {
      const own = children.pop()!
      const ranks = own.map((one) => order.indexOf(one))
      if (['ExtrinsicObject', 'RegistryPackage', 'Classification'].includes(local))
        if (ranks.some((rank, i) => rank < 0 || rank < (ranks[i - 1] ?? 0))) broken.push(local)
    })
    parser.write(golden('one.xml').toString()).close()
    expect(broken).toEqual([])
  })
})

describe('the archive', () => {
  test('has the files of the profile, and the same input gives the same bytes', async () => {
    const made = await writeXdm(archive())
    const entries = zipEntries(made)
    expect(entries.map(({ name }) => name)).toEqual([
      'README.TXT',
      'INDEX.HTM',
      'IHE_XDM/SUBSET01/METADATA.XML',
      'IHE_XDM/SUBSET01/DOC0001.XML',
    ])
    expect((await unzipped(made, entries[3]!)).toString()).toBe(cda())
    expect(made.equals(await writeXdm(archive()))).toBe(true)
  })

  test('lists its documents on a page that no title can break out of, without the patient', async () => {
    const made = await writeXdm(archive())
    const page = (await unzipped(made, zipEntries(made)[1]!)).toString()
    expect(page).toContain(
      '<a href="IHE_XDM/SUBSET01/DOC0001.XML">Compte rendu d\'imagerie &amp; &lt;suite&gt;</a> (text/xml)',
    )
    expect(page).not.toContain('LEROUX')
    new SaxesParser({ xmlns: true }).write(page).close()
  })

  test.each<[documents: number]>([[0], [191]])('is not made of %i documents', async (count) => {
    const documents = Array.from({ length: count }, () => archive().documents[0]!)
    await expect(writeXdm(archive({ documents }))).rejects.toThrow(RangeError)
  })
})

const noPython = missing('python3', ['-c', 'import zipfile'])
describe.skipIf(noPython !== null)(`python's zipfile ${noPython ?? ''}`, () => {
  let dir: string
  beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'passerelle-xdm-'))))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  test('reads it whole, with names, dates and content', async () => {
    const documents = [
      ...archive().documents,
      {
        entry: entry({ mimeType: 'application/pdf', uniqueId: '1.2.250.1.999.9.2' }),
        bytes: Buffer.from('%PDF-1.4 é'),
      },
    ]
    writeFileSync(join(dir, 'IHE_XDM.ZIP'), await writeXdm(archive({ documents })))
    const script = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.testzip() is None
    print(json.dumps([[i.filename, list(i.date_time), z.read(i).hex()] for i in z.infolist()]))`
    const read = JSON.parse(execFileSync('python3', ['-c', script, join(dir, 'IHE_XDM.ZIP')], { encoding: 'utf8' }))
    expect(read.map(([name]: [string]) => name).slice(3)).toEqual([
      'IHE_XDM/SUBSET01/DOC0001.XML',
      'IHE_XDM/SUBSET01/DOC0002.PDF',
    ])
    expect(read[0][1]).toEqual([2026, 11, 23, 10, 30, 8])
    expect(Buffer.from(read[3][2], 'hex').toString()).toBe(cda())
    expect(Buffer.from(read[4][2], 'hex').toString()).toBe('%PDF-1.4 é')
  })

  test('writes one that is read here', async () => {
    const made = join(dir, 'made.zip')
    const script = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:
    z.comment = b'made elsewhere'
    z.mkdir('IHE_XDM') if hasattr(z, 'mkdir') else None
    z.writestr('IHE_XDM/SUBSET01/a.txt', 'b' * 1000)
    z.writestr(zipfile.ZipInfo('stored.txt'), 'as it is')`
    execFileSync('python3', ['-c', script, made])
    const bytes = readFileSync(made)
    const entries = zipEntries(bytes)
    expect(entries.map(({ name }) => name)).toEqual(['IHE_XDM/SUBSET01/a.txt', 'stored.txt'])
    expect((await unzipped(bytes, entries[0]!)).toString()).toBe('b'.repeat(1000))
    expect((await unzipped(bytes, entries[1]!)).toString()).toBe('as it is')
  })
})
