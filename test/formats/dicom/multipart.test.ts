import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MULTIPART_LIMITS, MultipartReader, relatedType } from '../../../src/formats/dicom/multipart.ts'
import { instancesBody, partsOf } from '../../../src/formats/dicom/parts.ts'

async function* pieces(body: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size)
}

async function all(body: Buffer, size = body.length, limits = MULTIPART_LIMITS): Promise<Buffer[]> {
  const parts: Buffer[] = []
  for await (const part of partsOf(pieces(body, size), 'b', limits)) {
    const chunks: Uint8Array[] = []
    for await (const chunk of part.bytes) chunks.push(chunk)
    parts.push(Buffer.concat(chunks))
  }
  return parts
}

const body = (parts: readonly Buffer[]): Buffer =>
  Buffer.concat([
    ...parts.flatMap((one) => [Buffer.from('\r\n--b\r\nContent-Type: application/dicom\r\n\r\n'), one]),
    Buffer.from('\r\n--b--\r\n'),
  ])

/** Taking one out may make another of what stood around it. */
function withoutBoundary(text: string): string {
  return text.includes('--b') ? withoutBoundary(text.replaceAll('--b', '')) : text
}

test('parts come back as they were, whatever the pieces and whatever looks like a boundary in them', async () => {
  const bytes = fc.array(fc.constantFrom('\r', '\n', '-', 'b', '\r\n--', '\r\n-', 'x', '\0'), { maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(bytes, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 50 }),
      async (texts, size) => {
        const parts = texts.map((text) => Buffer.from(withoutBoundary(text.join(''))))
        expect(await all(body(parts), size)).toEqual(parts)
      },
    ),
    { numRuns: 300 },
  )
})

test('what instancesBody writes is read', async () => {
  const chunks: Uint8Array[] = []
  const instances = async function* () {
    for (const text of ['hello', 'world']) yield { bytes: pieces(Buffer.from(text), 2) }
  }
  for await (const chunk of instancesBody('b', instances())) chunks.push(chunk)
  expect(await all(Buffer.concat(chunks), 3)).toEqual([Buffer.from('hello'), Buffer.from('world')])
})

test('a part that nobody reads is thrown away, and the next one is whole', async () => {
  const found: string[] = []
  for await (const { headers, bytes } of partsOf(pieces(body([Buffer.alloc(500), Buffer.from('two')]), 64), 'b')) {
    found.push(headers.get('content-type') ?? '')
    if (found.length === 2) for await (const chunk of bytes) found.push(Buffer.from(chunk).toString())
  }
  expect(found.slice(0, 2)).toEqual(['application/dicom', 'application/dicom'])
  expect(found.slice(2).join('')).toBe('two')
})

test.each([
  ['breaks off in a part', '\r\n--b\r\n\r\nabc', 'MULTIPART_MALFORMED'],
  ['has no boundary', 'hello', 'MULTIPART_MALFORMED'],
  ['has something behind its boundary', '\r\n--bx\r\n\r\nabc\r\n--b--', 'MULTIPART_MALFORMED'],
  ['has three parts of two', '\r\n--b\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b\r\n\r\n3\r\n--b--', 'MULTIPART_TOO_LONG'],
  ['has a head that is too long', `\r\n--b\r\nX: ${'y'.repeat(200)}\r\n\r\n1\r\n--b--`, 'MULTIPART_TOO_LONG'],
  ['has a head that never ends', `\r\n--b\r\nX: ${'y'.repeat(400)}`, 'MULTIPART_TOO_LONG'],
])('a body that %s is refused', async (_what, text, code) => {
  const limits = { maxParts: 2, maxHeaderBytes: 100 }
  await expect(all(Buffer.from(text), 5, limits)).rejects.toMatchObject({ code })
})

test('nothing is told behind the end', () => {
  const reader = new MultipartReader('b')
  expect(reader.push(body([Buffer.from('1')])).map(({ is }) => is)).toEqual(['part', 'bytes', 'part-end', 'end'])
  expect([reader.push(Buffer.from('\r\n--b\r\n')), reader.end()]).toEqual([[], []])
})

test.each([
  ['multipart/related; type="application/dicom"; boundary=abc', 'abc', 'application/dicom'],
  ['Multipart/Related;boundary="a b;c";TYPE=application/DICOM', null, null],
  ['multipart/related; boundary="a=b:c"', 'a=b:c', null],
  ['multipart/related', null, null],
  ['multipart/form-data; boundary=abc', null, null],
  [`multipart/related; boundary=${'x'.repeat(201)}`, null, null],
])('%s', (type, boundary, parts) => {
  expect(relatedType(type)).toEqual(boundary === null ? null : { boundary, type: parts })
})
