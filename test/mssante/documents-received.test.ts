import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { documents } from '../../src/app/wiring/documents.ts'
import type { Config } from '../../src/core/config.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { MailArrival } from '../../src/core/mail.ts'
import { documentMail } from '../../src/formats/documents/to-mail.ts'
import { writeMail } from '../../src/formats/mail/compose.ts'
import { trustSpace } from '../../src/mssante/trust-space.ts'
import { searchKey } from '../../src/pipeline/keys.ts'
import { acceptingMail } from '../../src/pipeline/mail/accept.ts'
import { keptOf } from '../../src/pipeline/privacy/kept.ts'
import { cda, INS, INS_OID, IPP_OID, mdm } from '../support/documents.ts'
import { mailing, sending } from '../support/sendings.ts'
import { openStore } from '../support/stores.ts'

const BOX = 'documents@op.mssante.test'
const REAL_OID = '1.2.250.1.213.1.4.8'
const quiet = { info() {}, warn() {}, error() {} }

const trust = trustSpace({ list: () => null, state: () => 'none' })

let store: Awaited<ReturnType<typeof openStore>>
let journal: Journal
let revision: number
let nowMs = Date.UTC(2026, 10, 23, 10)
const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, after: () => () => {} }

beforeAll(async () => {
  store = await openStore()
  journal = store.journal
  revision = (await journal.adopt('test', 0, '{}')).revision
})
afterAll(() => store?.end())

type Use = 'qualification' | 'production'

/** A region whose establishment takes documents at a destination of that use. */
function configOf(use: Use, as: 'hl7v2' | 'fhir' = 'hl7v2'): Config {
  const receive = { to: 'ch-exemple/gam', as }
  return {
    revision,
    region: { name: 'Région (fictive)', timeZone: 'Europe/Paris' },
    establishments: new Map([['ch-exemple', { id: 'ch-exemple', name: 'CH Exemple', finess: { ej: null, eg: [] } }]]),
    destinations: new Map([[receive.to, { use, establishment: 'ch-exemple', retry: { expiresMs: 3_600_000 } }]]),
    maps: new Map(),
    mail: {
      operator: {
        host: 'mail.op.mssante.test',
        retry: { expiresMs: 3_600_000 },
        domains: new Map(),
        limits: { maxBytes: 100_000, zip: { entries: 200, bytes: 1_000_000, ratio: 100 } },
        testDomains: new Set(['essais.mssante.test']),
        documents: new Map([['ch-exemple', { establishment: 'ch-exemple', mailbox: BOX, dmp: null, receive }]]),
      },
    },
  } as unknown as Config
}

interface Sent {
  readonly sender?: string
  readonly oid?: string
  readonly event?: 'T02' | 'T10'
  readonly number?: string
  readonly qualified?: boolean
  /** Archives of documents that it has. */
  readonly archives?: number
  /** Bytes that its document has more, of such as leave nothing when packed. */
  readonly more?: number
}

/** A mail with a document, as another mail operator brings it; its id. */
async function mailed(config: Config, sent: Sent = {}): Promise<string> {
  const { oid = INS_OID, event = 'T02', number = '300101', qualified = true, archives = 1, more = 0 } = sent
  const whole = cda()
    .replaceAll(INS_OID, oid)
    .replaceAll('300101', number)
    .replace('</ClinicalDocument>', `<!--${'x'.repeat(more)}-->$&`)
  const xml = event === 'T02' ? whole.replace(/<relatedDocument.*<\/relatedDocument>/, '') : whole
  const of = sending(mdm(event, xml).map((one) => one.replaceAll(INS_OID, oid).replaceAll('300101', number)))
  const made = await documentMail(of, of.recipients[0]!, mailing())
  const messageId = `${machineIds.uuid()}@a.mssante.test`
  const bytes = writeMail({
    from: { name: '', address: { local: 'paul', domain: 'a.mssante.test' } },
    to: [{ name: '', address: { local: 'documents', domain: 'op.mssante.test' } }],
    subject: made.subject,
    text: made.text,
    date: { atMs: nowMs, timeZone: 'Europe/Paris' },
    messageId: `<${messageId}>`,
    headers: made.headers.map(([name, value]) => [name, name === 'X-MSS-INS' && !qualified ? 'N' : value] as const),
    attachments: made.attachments.flatMap((one) =>
      one.type === 'application/zip' ? Array(archives).fill(one) : [one],
    ),
  })
  return brought(config, bytes, messageId, sent.sender)
}

/** Brings a mail to the mailbox of the application; its id. */
async function brought(
  config: Config,
  bytes: Buffer,
  messageId: string,
  sender = 'paul@a.mssante.test',
): Promise<string> {
  const id = machineIds.uuid()
  const staging = journal.stage(id, nowMs)
  await staging.write(bytes)
  const arrival: MailArrival = {
    entrance: 'smtp',
    peer: {
      ...{ address: '127.0.0.1:1', loopback: true, hello: 'a', tls: null, certificate: null, subject: 'CN=a' },
      user: null,
    },
    receivedAtMs: nowMs,
    envelope: { sender, returns: null, id: null, eightBit: true, utf8: false },
    recipients: [{ address: BOX, notify: [], original: null }],
    id,
    staged: await staging.end(),
    facts: { kind: 'MAIL^XDM', messageId, from: [sender], hops: 0, loops: 0, automatic: false, xMss: {} },
  }
  const meter = { count() {}, observe() {} }
  const parts = { journal, config: () => config, closed: () => null, clock, ids: machineIds, log: quiet, meter }
  const answer = await acceptingMail(parts)(arrival)
  if ('code' in answer) throw new Error(answer.code)
  return answer.messageId
}

interface Row {
  readonly id: string
  readonly kind: string
  readonly test: number
  readonly patient_keys: string
  readonly order_keys: string
}

/** What the follower makes of a mail. */
async function allMadeOf(config: Config, id: string, by: Journal = journal): Promise<readonly Row[]> {
  nowMs += 1
  const follower = documents({
    journal: by,
    config: () => config,
    trust,
    version: '0',
    clock,
    ids: machineIds,
    log: quiet,
    meter: { count() {}, observe() {} },
  })
  const [timer] = (await journal.due(nowMs, 100)).filter(({ payload }) => payload.includes(id))
  expect(await by.apply({ ...(await follower.timer(timer!)), fired: [timer!.id] })).toBe(true)
  const sql = 'SELECT id, kind, test, patient_keys, order_keys FROM message WHERE cause = ?'
  return journal.look<Row>({ sql, parameters: [id] })
}

/** The one message that it makes of a mail. */
async function madeOf(config: Config, id: string): Promise<{ readonly row: Row; readonly text: string }> {
  const rows = await allMadeOf(config, id)
  expect(rows).toHaveLength(1)
  const parts: Uint8Array[] = []
  for await (const part of (await journal.body(rows[0]!.id)).open()) parts.push(part)
  return { row: rows[0]!, text: Buffer.concat(parts).toString() }
}

describe('documents that came by mail keep test and real apart', () => {
  test.each<[name: string, use: Use, sent: Sent, kind: string, isTest: boolean]>([
    ['an INS of test, where tests go', 'qualification', {}, 'MDM^T02', true],
    ['an INS of test, where care goes on', 'production', {}, 'MAIL', true],
    ['an INS that is not qualified', 'production', { qualified: false }, 'MAIL', true],
    ['a real INS, where care goes on', 'production', { oid: REAL_OID }, 'MDM^T02', false],
    ['a real INS, where tests go', 'qualification', { oid: REAL_OID }, 'MAIL', false],
    ['from a domain of trials', 'production', { oid: REAL_OID, sender: 'essai@essais.mssante.test' }, 'MAIL', true],
  ])('%s, %s', async (_name, use, sent, kind, isTest) => {
    const config = configOf(use)
    const { row, text } = await madeOf(config, await mailed(config, sent))
    expect([row.kind, Number(row.test)]).toEqual([kind, isTest ? 1 : 0])
    if (kind === 'MAIL') expect(text).toContain('[PROCESSING_ID]')
    else expect(text.split('|')[10]).toBe(isTest ? 'T' : 'P')
  })

  test('they are on the normal lane, under a name of their own', async () => {
    const config = configOf('qualification')
    const { row } = await madeOf(config, await mailed(config))
    expect(await journal.deliveriesOf(row.id)).toMatchObject([{ route: 'documents-by-mail', lane: 'normal' }])
  })

  test('in FHIR each resource of a test is marked', async () => {
    const config = configOf('qualification', 'fhir')
    const { row, text } = await madeOf(config, await mailed(config))
    expect([row.kind, Number(row.test)]).toEqual(['Bundle:transaction', 1])
    expect(text).toContain('"HTEST"')
  })
})

describe('documents that came by mail are found by their patient', () => {
  const key = (oid: string, id: string) => searchKey(journal.secret, oid, id)
  const said = ({ patient_keys, order_keys }: Row) => ({
    patient: (JSON.parse(patient_keys) as string[]).sort(),
    order: (JSON.parse(order_keys) as string[]).sort(),
  })

  test.each<[name: string, as: 'hl7v2' | 'fhir']>([
    ['HL7 v2', 'hl7v2'],
    ['FHIR', 'fhir'],
  ])('%s: by each number, in order with what replaces it, and with the mail', async (_name, as) => {
    const config = configOf('qualification', as)
    const number = as === 'fhir' ? '300102' : '300103'
    const first = await mailed(config, { number })
    const { row } = await madeOf(config, first)
    const [ins, own] = [key(INS_OID, INS), key(IPP_OID, number)]
    expect(said(row)).toEqual({
      patient: [ins, own].sort(),
      order: [`INS:${ins}`, `ch-exemple:${ins}`, `ch-exemple:${own}`].sort(),
    })
    const { row: later } = await madeOf(config, await mailed(config, { number, event: 'T10' }))
    expect(said(later).order).toEqual(said(row).order)
    const { messages } = await keptOf(journal, [`${IPP_OID}|${number}`])
    expect(messages.filter(({ id }) => id === first || id === row.id).map(({ as: how }) => how)).toEqual([
      'mail',
      'patient',
    ])
  })

  test('an INS that is not qualified joins nothing', async () => {
    const config = configOf('qualification')
    const { row } = await madeOf(config, await mailed(config, { number: '300104', qualified: false }))
    const own = key(IPP_OID, '300104')
    expect(said(row)).toEqual({ patient: [own], order: [`ch-exemple:${own}`] })
  })
})

describe('what an archive is not taken from', () => {
  test('a mail of ours that came back with an error, inside the mail that says so', async () => {
    const { text } = await madeOf(configOf('production'), await mailed(configOf('production')))
    expect(text).toContain('[PROCESSING_ID]')
    expect(text).toMatch(/name="?IHE_XDM\.ZIP/)
    const back = await brought(configOf('qualification'), Buffer.from(text), `${machineIds.uuid()}@a.mssante.test`)
    expect(await allMadeOf(configOf('qualification'), back)).toEqual([])
  })

  test.each<[more: number, kind: string]>([
    [150_000, 'MDM^T02'],
    [200_000, 'MAIL'],
  ])('one that unpacks to twice what a mail may have (%i bytes and some)', async (more, kind) => {
    const config = configOf('qualification')
    const { row, text } = await madeOf(config, await mailed(config, { more }))
    expect([row.kind, text.includes('[XDM_LIMITS]')]).toEqual([kind, kind === 'MAIL'])
  })

  test('a mail with two of them: its sender is told, and nothing of it is taken', async () => {
    const config = configOf('qualification')
    const { row, text } = await madeOf(config, await mailed(config, { archives: 2 }))
    expect([row.kind, text.includes('[XDM_METADATA]')]).toEqual(['MAIL', true])
  })
})

describe('whatever a mail holds, others have their turns while it is looked at', () => {
  const SLICE = 65_536
  const lines = (line: string): string => `${line}\r\n`.repeat(Math.ceil((16 * SLICE) / (line.length + 2)))
  const archive = 'Content-Type: application/zip; name=IHE_XDM.ZIP\r\nContent-Transfer-Encoding: base64\r\n'

  test.each<[name: string, header: string, body: string, turns: number]>([
    ['lines that may be boundaries', 'Content-Type: multipart/mixed; boundary=b\r\n', lines('--c'), 16],
    ['base64 that ends in each line', archive, lines('AA=='), 32],
  ])('%s', async (_name, header, body, turns) => {
    const text = `From: <paul@a.mssante.test>\r\nSubject: XDM/1.0/DDM+Essai\r\n${header}\r\n${body}`
    const config = configOf('qualification')
    const id = await brought(config, Buffer.from(text), `${machineIds.uuid()}@a.mssante.test`)
    let had = 0
    let over = false
    const count = (): void => {
      had += 1
      if (!over) setImmediate(count)
    }
    // Counted from when all bytes are here to when all is made of them: before and behind, the disk is waited for.
    const counting: Journal = Object.create(journal, {
      body: {
        value: async (of: string) => {
          const body = await journal.body(of)
          return {
            bytes: body.bytes,
            async *open() {
              yield* body.open()
              had = 0
              setImmediate(count)
            },
          }
        },
      },
      look: { value: journal.look.bind(journal) },
      apply: {
        value: (effect: Parameters<Journal['apply']>[0]) => {
          over = true
          return journal.apply(effect)
        },
      },
    })
    await allMadeOf(config, id, counting)
    expect(had).toBeGreaterThanOrEqual(turns)
  })
})
