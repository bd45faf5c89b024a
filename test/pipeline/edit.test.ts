import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compileConfig } from '../../src/app/config/index.ts'
import type { Config } from '../../src/core/config.ts'
import type { Intake, QueueEntry, StoredRevision } from '../../src/core/journal.ts'
import type { Body } from '../../src/core/message.ts'
import type { Consignment, Sender } from '../../src/core/ports.ts'
import { deliver, type Prepare } from '../../src/pipeline/deliver.ts'
import { assumedCharset, MAX_EDITED_BYTES } from '../../src/pipeline/edit.ts'
import { preparing } from '../../src/pipeline/prepare.ts'
import { newDelivery, newIntake } from '../journal/made.ts'
import { openStage, type Stage } from './stage.ts'

const DPI = 'receiver/dpi'
const route = (name: string, edit: object[] = []) => ({ name, when: { kinds: ['ADT^A01'] }, to: [DPI], edit })
const region = {
  routes: [
    route('edited', [{ set: 'MSH-5', to: 'DPI' }, { map: 'PV1-3.1', table: 'units' }, { drop: 'ZXX' }]),
    route('plain'),
    route('impossible', [{ set: 'PV1-2', to: '漢' }]),
  ],
}
const text = 'MSH|^~\\&|LAB|SENDER|X||1||ADT^A01|C1|T|2.5||||||8859/15\rPV1|1|I|U1^2\rZXX|1\r'

let stage: Stage
let compiled: number[]
let prepare: Prepare
beforeEach(async () => {
  stage = await openStage(region, undefined, { units: 'from,to\nU1,CARDIO\n' })
  compiled = []
  prepare = preparing({ journal: stage.journal, compile })
})
afterEach(() => stage.end())

function compile(stored: StoredRevision): Config {
  compiled.push(stored.revision)
  return compileConfig(stored.json, stored.revision, () => '')
}

/** Commits a message with one delivery by a route, and gives it as the queue does. */
async function queued(name: string, bytes = text, more: Partial<Intake> = {}): Promise<QueueEntry> {
  const delivery = newDelivery(DPI, { route: name })
  const revision = stage.journal.revision()!.revision
  await stage.journal.commit([
    newIntake({ bytes: Buffer.from(bytes, 'latin1'), revision, deliveries: [delivery], ...more }),
  ])
  return (await stage.journal.delivery(delivery.id))!
}

/** A sender that keeps what it is given. */
function keeping(): { sender: Sender; sent: Consignment[]; texts: string[] } {
  const sent: Consignment[] = []
  const texts: string[] = []
  const sender: Sender = {
    kind: 'mllp',
    async send(consignment) {
      sent.push(consignment)
      texts.push((await bytesOf(consignment.body)).toString('latin1'))
      return { kind: 'delivered', proof: 'MSA-1 AA' }
    },
    close: async () => {},
  }
  return { sender, sent, texts }
}

async function bytesOf(body: Body): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body.open()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const attempt = async (entry: QueueEntry) => {
  const { sender, sent, texts } = keeping()
  const result = await deliver(
    entry,
    'normal',
    { journal: stage.journal, sender, prepare, mayBegin: () => true },
    new AbortController().signal,
  )
  return { result, sent, texts }
}

describe('what leaves', () => {
  test('is edited by the route that made the delivery; what is kept is not', async () => {
    const entry = await queued('edited')
    const { result, texts, sent } = await attempt(entry)
    expect(texts).toEqual(['MSH|^~\\&|LAB|SENDER|DPI||1||ADT^A01|C1|T|2.5||||||8859/15\rPV1|1|I|CARDIO^2\r'])
    expect(result).toEqual({ kind: 'delivered', proof: 'MSA-1 AA' })
    expect(sent[0]).toMatchObject({ ask: null, body: { bytes: texts[0]!.length } })
    expect((await bytesOf(await stage.journal.body(entry.messageId))).toString('latin1')).toBe(text)
  })

  test('without edits, or by no route, is as it came, and nothing is marked', async () => {
    for (const name of ['plain', 'answers']) {
      const entry = await queued(name)
      expect(await prepare(entry)).toBeNull()
      expect((await attempt(entry)).texts).toEqual([text])
    }
  })

  test('is FHIR as it was asked', async () => {
    const ask = { interaction: 'create', type: 'Patient', id: null }
    const entry = await queued('edited', '{}', { ask: JSON.stringify(ask) })
    const { texts, sent } = await attempt(entry)
    expect([texts, sent[0]?.ask]).toEqual([['{}'], ask])
  })

  test('that has no row for a value goes with a finding', async () => {
    const { result } = await attempt(await queued('edited', text.replace('U1', 'U9')))
    expect(result).toMatchObject({
      kind: 'delivered',
      findings: [{ code: 'MAP_MISSING', class: 'contract', at: 'PV1-3.1', params: { count: 1 } }],
    })
  })
})

describe('what does not leave', () => {
  test('a value that the character set cannot hold is our failure', async () => {
    const { result, sent } = await attempt(await queued('impossible'))
    expect([result, sent]).toEqual([
      { kind: 'failed', code: 'EDIT_FAILED', answer: expect.stringMatching(/^set .+: the value does not fit/) },
      [],
    ])
  })

  test('more than 16 MiB is refused, unread', async () => {
    const work = await prepare(await queued('edited'))
    const body: Body = { bytes: MAX_EDITED_BYTES + 1, sha256: '', keyId: 0, open: () => expect.unreachable() }
    expect(await work?.(body)).toEqual({ kind: 'refused', code: 'FRAME_TOO_LONG', answer: '' })
  })

  test('a revision that is gone is our failure, and is looked for again', async () => {
    const entry = { ...(await queued('edited')), revision: 99 }
    expect((await attempt(entry)).result).toEqual({ kind: 'failed', code: 'PROCESSING_FAILED' })
    expect((await attempt(entry)).result).toEqual({ kind: 'failed', code: 'PROCESSING_FAILED' })
  })
})

test('the edits are those of the revision that routed the message, each compiled once', async () => {
  const before = await queued('edited')
  const stored = stage.journal.revision()!
  await stage.journal.adopt('test', 2, stored.json.replaceAll('"to":"DPI"', '"to":"OTHER"'))
  const after = await queued('edited')
  const names: string[] = []
  for (const entry of [before, after, before, after]) names.push((await attempt(entry)).texts[0]!.split('|')[4]!)
  expect(names).toEqual(['DPI', 'OTHER', 'DPI', 'OTHER'])
  expect(compiled).toEqual([1, 2])
})

test.each([
  ['SENDER', null, '8859/15'],
  ['SENDER', 'receiver', '8859/15'],
  ['UNKNOWN', 'sender', '8859/15'],
  ['UNKNOWN', 'gone', 'ASCII'],
  ['UNKNOWN', null, 'ASCII'],
])('MSH-18 empty from %s, sent by %s: %s', async (facility, sender, expected) => {
  const bytes = Buffer.from(`MSH|^~\\&|LAB|${facility}|||1||ADT^A01|C1|T|2.5\r`)
  expect(await assumedCharset(bytes, { config: stage.config, sender: async () => sender })).toBe(expected)
})
