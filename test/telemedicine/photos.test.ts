import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import type { AttachmentCommands, AttachmentType, AttachmentViews, Uploaded } from '../../src/core/attachments.ts'
import type { Journal } from '../../src/core/journal.ts'
import { readPhoto } from '../../src/formats/image/photo.ts'
import { ATTACHMENT_LIMITS, attachmentCommands } from '../../src/telemedicine/photos/attachments.ts'
import { type Rewriter, rewriter } from '../../src/telemedicine/photos/rewriter.ts'
import { eraseOfCase } from '../../src/telemedicine/photos/rows.ts'
import { attachmentViews, uploadFollower } from '../../src/telemedicine/photos/views.ts'
import { chunk, jpeg, pdf, png, segmentOf } from '../formats/image/made.ts'
import { realClock } from '../support/peers/clock.ts'
import { newStore, openStore } from '../support/stores.ts'
import { consent, empty, openCase, viewer } from './teleconsultation.ts'

const nurse = viewer('requester', ['home'])
const expert = viewer('expert', ['centre'])
const secretary = viewer('secretariat', ['home'])
const stranger = viewer('expert', ['elsewhere'])
const coordinator = viewer('coordination', null)
const CANARY = 'CANARI-MARTIN'
const limits = {
  ...ATTACHMENT_LIMITS,
  bytes: 3_000_000,
  pixels: 4_000_000,
  count: 3,
  underWayBytes: 5_000_000,
  side: 1_000,
}

let store: Awaited<ReturnType<typeof openStore>>
let journal: Journal
let photos: Rewriter
let commands: AttachmentCommands
let views: AttachmentViews
let picture: Buffer
beforeAll(async () => {
  store = await openStore()
  journal = store.journal
  photos = rewriter(realClock)
  commands = attachmentCommands({ journal, limits, rewriter: photos, clock: realClock, ids: machineIds })
  views = attachmentViews({ journal, clock: realClock })
  picture = await sharp({ create: { width: 1_200, height: 800, channels: 3, background: '#c04030' } })
    .withExif({ IFD0: { Artist: CANARY }, IFD3: { GPSLatitude: '47/1 13/1 0/1' } })
    .withIccProfile('p3')
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 90 })
    .toBuffer()
})
afterAll(async () => {
  photos.close()
  await store.end()
})
beforeEach(async () => {
  await empty(journal)
  await openCase(journal, 'c1', { parts: ['home', 'centre'], unit: 'u1' })
})

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const errorOf = (said: Uploaded): string | undefined => (said.ok ? undefined : said.error)

async function begin(bytes: Buffer, type: AttachmentType, sum: string | null = sha256(bytes)): Promise<string> {
  const said = await commands.create({ bytes: bytes.length, type, sha256: sum, case: 'c1' }, nurse)
  if (!said.ok) throw new Error(said.error)
  return said.upload.id
}
async function send(bytes: Buffer, type: AttachmentType): Promise<Uploaded> {
  return commands.append(await begin(bytes, type), 0, bytes, nurse)
}
function attachmentOf(said: Uploaded): string {
  if (!said.ok || said.upload.attachment === null) throw new Error(errorOf(said) ?? 'not whole')
  return said.upload.attachment
}
async function read(id: string, by = expert): Promise<Buffer | null> {
  const found = await views.open(id, by)
  if (found === null) return null
  const parts: Uint8Array[] = []
  for await (const part of found.bytes) parts.push(part)
  return Buffer.concat(parts)
}
const left = async (): Promise<number> => {
  const [row] = await journal.look<{ n: number }>({
    sql: `SELECT (SELECT count(*) FROM upload) + (SELECT count(*) FROM attachment) + (SELECT count(*) FROM attachment_chunk) AS n`,
    parameters: [],
  })
  return Number(row?.n)
}

test('a photo comes in pieces over a line that breaks, and is kept upright, smaller, and without what was hidden in it', async () => {
  expect(readPhoto(picture)?.extras).toContain('APP1')
  const id = await begin(picture, 'image/jpeg')
  const half = Math.floor(picture.length / 2)
  expect(await commands.append(id, 0, picture.subarray(0, half), nurse)).toMatchObject({ upload: { received: half } })
  // The line broke, and the answer with it.
  expect(await commands.append(id, 0, picture.subarray(0, half), nurse)).toMatchObject({
    error: 'OFFSET_WRONG',
    received: half,
  })
  expect(await commands.stand(id, nurse)).toMatchObject({ upload: { received: half, attachment: null } })
  const kept = attachmentOf(await commands.append(id, half, picture.subarray(half), nurse))
  const [attachment] = await views.list('c1', expert.caller)
  expect(attachment).toMatchObject({ id: kept, type: 'image/jpeg', width: 667, height: 1_000, establishment: 'home' })
  const bytes = (await read(kept))!
  expect(sha256(bytes)).toBe(attachment?.sha256)
  expect(bytes.includes(CANARY)).toBe(false)
  expect(readPhoto(bytes)).toEqual({ type: 'image/jpeg', width: 667, height: 1_000, extras: [] })
  const meta = await sharp(bytes).metadata()
  expect([meta.exif, meta.icc, meta.xmp, meta.iptc, meta.orientation]).toEqual(Array(5).fill(undefined))
  // Asked again, it is the same one.
  expect(attachmentOf(await commands.append(id, picture.length, Buffer.alloc(0), nurse))).toBe(kept)
})

test('a PNG loses its words, a PDF stays as it is', async () => {
  const drawn = await sharp({ create: { width: 40, height: 30, channels: 4, background: '#00ff0080' } })
    .png()
    .toBuffer()
  const words = Buffer.concat([drawn.subarray(0, 33), chunk('tEXt', `Author\0${CANARY}`), drawn.subarray(33)])
  const kept = (await read(attachmentOf(await send(words, 'image/png'))))!
  expect(readPhoto(kept)).toEqual({ type: 'image/png', width: 40, height: 30, extras: [] })
  expect(kept.includes(CANARY)).toBe(false)
  expect(await read(attachmentOf(await send(pdf(), 'application/pdf')))).toEqual(pdf())
})

describe('what is refused leaves nothing', () => {
  const refused: [name: string, bytes: Buffer, type: AttachmentType, error: string][] = [
    ['a bomb, before it is decoded', png(50_000, 50_000), 'image/png', 'PHOTO_TOO_LARGE'],
    ['a photo that is only headers', jpeg(800, 600), 'image/jpeg', 'PHOTO_UNREADABLE'],
    ['a photo with half of its pixels', png(900, 900, [], 3), 'image/png', 'PHOTO_UNREADABLE'],
    ['a PNG that says JPEG', png(4, 4), 'image/jpeg', 'ATTACHMENT_TYPE'],
    ['a page that says PDF', Buffer.from('<html>'), 'application/pdf', 'ATTACHMENT_TYPE'],
    ['another format', Buffer.from('RIFF....WEBPVP8 '), 'image/jpeg', 'PHOTO_UNREADABLE'],
    [
      'a JPEG of hidden segments alone',
      Buffer.concat([Buffer.from('ffd8', 'hex'), segmentOf(0xe1, CANARY)]),
      'image/jpeg',
      'PHOTO_UNREADABLE',
    ],
  ]
  test.each(refused)('%s', async (_name, bytes, type, error) => {
    expect(errorOf(await send(bytes, type))).toBe(error)
    expect(await left()).toBe(0)
  })

  test('bytes that are not what was announced', async () => {
    const id = await begin(pdf(), 'application/pdf', '0'.repeat(64))
    expect(errorOf(await commands.append(id, 0, pdf(), nurse))).toBe('UPLOAD_DAMAGED')
    expect(await left()).toBe(0)
  })

  test('nothing where somebody else has ended the upload meanwhile: it stands', async () => {
    const id = await begin(pdf(), 'application/pdf')
    const ended = Promise.withResolvers<void>()
    let asked = 0
    const late = attachmentCommands({
      // It has seen an upload that is not ended, and goes on when it is.
      journal: {
        ...journal,
        look: async (question) => {
          const rows = await journal.look(question)
          if (++asked === 1) await ended.promise
          return rows as never
        },
      },
      limits,
      rewriter: photos,
      clock: realClock,
      ids: machineIds,
    })
    await commands.append(id, 0, pdf().subarray(0, -1), nurse)
    const last = pdf().subarray(-1)
    const second = late.append(id, pdf().length - 1, last, nurse)
    const kept = attachmentOf(await commands.append(id, pdf().length - 1, last, nurse))
    ended.resolve()
    await second
    expect(await read(kept)).toEqual(pdf())
  })

  test('a photo that takes too long', async () => {
    const slow = attachmentCommands({
      journal,
      limits: { ...limits, workMs: 0 },
      rewriter: photos,
      clock: realClock,
      ids: machineIds,
    })
    const id = await begin(picture, 'image/jpeg')
    expect(errorOf(await slow.append(id, 0, picture, nurse))).toBe('PHOTO_UNREADABLE')
    expect(await left()).toBe(0)
    // The next one has a process of its own.
    attachmentOf(await send(picture, 'image/jpeg'))
  })
})

test('whatever the bytes are, they become a photo with nothing beside it, or are refused', async () => {
  const seeds = [
    picture,
    await sharp({ create: { width: 90, height: 90, channels: 3, background: '#804020' } })
      .png()
      .toBuffer(),
  ]
  let state = 7
  const next = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state % below
  }
  for (let n = 0; n < 40; n++) {
    const bytes = Buffer.from(seeds[n % 2]!)
    for (let i = 0; i <= n % 8; i++) bytes[next(n % 3 === 0 ? 200 : bytes.length)] = next(256)
    const made = await photos.rewrite(bytes, n % 2 === 0 ? 'image/jpeg' : 'image/png', limits)
    if (made.ok) expect(readPhoto(made.bytes)?.extras).toEqual([])
    else expect(['PHOTO_UNREADABLE', 'PHOTO_TOO_LARGE', 'ATTACHMENT_TYPE']).toContain(made.error)
  }
  const sound = await photos.rewrite(picture, 'image/jpeg', limits)
  expect(sound.ok).toBe(true)
})

test('what was received outlives the process', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-upload-'))
  const place = await newStore(dir)
  const parts = { clock: realClock, ids: machineIds }
  const first = await place.open(parts)
  await openCase(first, 'c1')
  const before = attachmentCommands({ journal: first, limits, rewriter: photos, ...parts })
  const begun = await before.create({ bytes: pdf().length, type: 'application/pdf', sha256: null, case: 'c1' }, nurse)
  const id = begun.ok ? begun.upload.id : ''
  await before.append(id, 0, pdf().subarray(0, 20), nurse)
  await first.close()
  const again = await place.open(parts)
  const after = attachmentCommands({ journal: again, limits, rewriter: photos, ...parts })
  expect(await after.stand(id, nurse)).toMatchObject({ upload: { received: 20, attachment: null } })
  expect(attachmentOf(await after.append(id, 20, pdf().subarray(20), nurse))).toMatch(/^[0-9a-f-]{36}$/)
  await again.close()
  await place.end()
  rmSync(dir, { recursive: true, force: true })
})

test('limits of number and size hold for those who come at once, too', async () => {
  const asked = { type: 'application/pdf', sha256: null, case: 'c1' } as const
  expect(errorOf(await commands.create({ ...asked, bytes: 3_000_001 }, nurse))).toBe('UPLOAD_TOO_LONG')
  expect(errorOf(await commands.create({ ...asked, bytes: 0 }, nurse))).toBe('BAD_REQUEST')
  const many = await Promise.all(Array.from({ length: 10 }, () => commands.create({ ...asked, bytes: 10 }, nurse)))
  expect(many.filter(({ ok }) => ok)).toHaveLength(limits.count)
  await empty(journal)
  const loose = { ...asked, case: null, bytes: 2_000_000 }
  const large = await Promise.all(Array.from({ length: 5 }, () => commands.create(loose, nurse)))
  expect(large.filter(({ ok }) => ok)).toHaveLength(2)
  const first = large.find(({ ok }) => ok)
  const id = first?.ok ? first.upload.id : ''
  expect(errorOf(await commands.append(id, 0, Buffer.alloc(2_000_001), nurse))).toBe('UPLOAD_TOO_LONG')
  expect((await commands.drop(id, nurse)).ok).toBe(true)
  expect((await commands.create(loose, nurse)).ok).toBe(true)
})

test('whoever ends an upload at once with another has the same attachment', async () => {
  const id = await begin(pdf(), 'application/pdf')
  await commands.append(id, 0, pdf().subarray(0, -1), nurse)
  const last = pdf().subarray(-1)
  await Promise.all([1, 2, 3].map(() => commands.append(id, pdf().length - 1, last, nurse)))
  const ends = await Promise.all([1, 2].map(() => commands.append(id, pdf().length, Buffer.alloc(0), nurse)))
  expect(new Set(ends.map(attachmentOf)).size).toBe(1)
  expect(await read(attachmentOf(ends[0]!))).toEqual(pdf())
  expect(await left()).toBe(3)
})

test('who may send and who may look', async () => {
  const asked = { bytes: 10, type: 'application/pdf', sha256: null, case: 'c1' } as const
  for (const one of [secretary, stranger, viewer('requester', ['home'], ['u2']), viewer('requester', ['centre'])])
    expect(errorOf(await commands.create(asked, one))).toBe('NOT_FOUND')
  const id = await begin(pdf(), 'application/pdf')
  expect(errorOf(await commands.append(id, 0, pdf(), expert))).toBe('NOT_FOUND')
  const kept = attachmentOf(await commands.append(id, 0, pdf(), nurse))
  for (const one of [nurse, expert, coordinator]) expect(await read(kept, one)).toEqual(pdf())
  for (const one of [
    secretary,
    stranger,
    viewer('operator', null),
    viewer('requester', ['home'], ['u2']),
    viewer('requester', ['centre']),
  ]) {
    expect(await views.open(kept, one)).toBeNull()
    expect(await views.list('c1', one.caller)).toEqual([])
  }
  const events = await journal.look({
    sql: `SELECT who, detail FROM event WHERE what = 'read-attachment' ORDER BY seq DESC LIMIT 3`,
    parameters: [],
  })
  expect(events).toMatchObject([
    { who: coordinator.caller.who },
    { who: expert.caller.who },
    { who: nurse.caller.who, detail: 'PLA-c1' },
  ])
  // Consent that is taken back ends sharing; the site keeps its own.
  await consent(journal, 'c1', { given: false, by: 'IDE (fictif)', atMs: 1, refusedWhy: null })
  expect(await read(kept, nurse)).toEqual(pdf())
  for (const one of [expert, coordinator]) expect(await views.open(kept, one)).toBeNull()
})

test('what is sent for a request under way goes to its case; what went nowhere is swept; and all goes with the case', async () => {
  const loose = async (): Promise<{ upload: string; kept: string }> => {
    const said = await commands.create(
      { bytes: pdf().length, type: 'application/pdf', sha256: null, case: null },
      nurse,
    )
    const upload = said.ok ? said.upload.id : ''
    return { upload, kept: attachmentOf(await commands.append(upload, 0, pdf(), nurse)) }
  }
  const [mine, forgotten] = [await loose(), await loose()]
  expect(await views.open(mine.kept, nurse)).toBeNull()
  expect(await commands.attach([mine.kept], 'c1', expert)).toBe(false)
  expect(await commands.attach([mine.kept], 'c1', nurse)).toBe(true)
  expect(await read(mine.kept)).toEqual(pdf())
  const unfinished = await begin(pdf(), 'application/pdf')
  await commands.append(unfinished, 0, pdf().subarray(0, 5), nurse)
  const sweeper = uploadFollower(journal)
  for (const timer of await journal.due(Date.now() + limits.uploadMs + 1, 100))
    await journal.apply({ ...(await sweeper.timer(timer)), fired: [timer.id] })
  expect((await views.list('c1', nurse.caller)).map(({ id }) => id)).toEqual([mine.kept])
  expect(await commands.stand(forgotten.upload, nurse)).toMatchObject({ error: 'NOT_FOUND' })
  expect(await commands.stand(unfinished, nurse)).toMatchObject({ error: 'NOT_FOUND' })
  expect(await left()).toBe(3)
  await journal.apply({ rows: eraseOfCase('c1') })
  expect(await left(), 'an open case keeps its own').toBe(3)
  const close = { sql: `UPDATE care_case SET closed_at_ms = 1 WHERE id = 'c1'`, parameters: [] }
  await journal.apply({ rows: [close, ...eraseOfCase('c1')] })
  expect(await left()).toBe(0)
  // Nothing of a case that is over is ever erased again, so nothing comes to it either.
  await journal.apply({ rows: [{ sql: `UPDATE care_case SET state = 'done' WHERE id = 'c1'`, parameters: [] }] })
  const late = await loose()
  expect(await commands.attach([late.kept], 'c1', nurse)).toBe(false)
})
