/** One region for the table of black-box tests: a strict sender and one that is not, and receivers that keep what they get. */
import { createServer } from 'node:net'
import type { MessageDetail, MessagePage } from '../../../src/core/views.ts'
import { block } from '../../support/world/frame.ts'
import type { Gateway } from '../../support/world/gateway.ts'
import { senderKey } from '../../support/world/region.ts'
import { until } from '../../support/world/until.ts'
import { makeWorld, type World } from '../../support/world/world.ts'

/** The two senders, as establishments; their MSH-4 is the name in capitals. */
export const SENDERS = ['strict', 'lenient'] as const
/** `base` is strict, with AE and AR of the base standard. */
export type Sender = (typeof SENDERS)[number] | 'base'
/** Doors that take HL7 v2. */
export const DOORS = ['mllp', 'http'] as const
export type Door = (typeof DOORS)[number]

/** Takes every HL7 v2 message. */
export const DPI = 'chu-a/dpi'
/** Takes what is for MSH-5 UTF8, in UTF-8. */
export const UTF8 = 'chu-b/utf8'
/** Takes resources as posted, and what is for MSH-5 FHIR converted. */
export const FHIR = 'chu-c/fhir'
/** Takes real patients, where the others take what is marked as a test. */
export const REAL = 'chu-d/fhir'

/** The gateway and what stands around it. */
export interface Bench {
  readonly world: World
  readonly gateway: Gateway
  /** Nobody may ever call here: where addresses and entities in messages lead. */
  readonly trap: { readonly port: number; readonly calls: () => number }
  /** MSH-10 of every HL7 v2 message that was answered positively, repeats once. */
  readonly promised: Set<string>
  close(): Promise<void>
}

const HL7 = ['ADT^*', 'ORM^*', 'ORU^*', 'OMI^*', 'MDM^*', 'ZAM^*']

/** Opens it. Close it. */
export async function openBench(): Promise<Bench> {
  let calls = 0
  const server = createServer((socket) => {
    calls++
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const world = await makeWorld({
    sources: [...SENDERS, 'base'].map((sender) => sender.toUpperCase()),
    establishments: {
      strict: { strict: true, ackPolicy: { default: 'ans' } },
      lenient: { ackPolicy: { default: 'ans' } },
      base: { strict: true, ackPolicy: { default: 'hl7base' } },
    },
    destinations: {
      [DPI]: { keeps: true },
      [UTF8]: { keeps: true, options: { charset: 'UNICODE UTF-8' } },
      [FHIR]: { type: 'fhir', keeps: true },
      [REAL]: { type: 'fhir', keeps: true, options: { use: 'production' } },
    },
    routes: [
      { name: 'all', when: { kinds: HL7 }, to: [DPI] },
      { name: 'utf-8', when: { kinds: HL7, receivers: ['UTF8'] }, to: [UTF8] },
      { name: 'converted', when: { kinds: ['ADT^A31'], receivers: ['FHIR'] }, to: [FHIR], transform: 'fhir' },
      { name: 'resources', when: { kinds: ['Encounter', 'Bundle:transaction'] }, to: [FHIR] },
      { name: 'patients', when: { kinds: ['Patient'] }, to: [FHIR, REAL] },
    ],
    door: { gap: '1 s' },
    // Movements of the table come without their admission.
    top: { movements: { awaitAdmission: '0 s' } },
  })
  const gateway = await world.start()
  return {
    world,
    gateway,
    trap: { port: typeof address === 'object' && address !== null ? address.port : 0, calls: () => calls },
    promised: new Set(),
    async close() {
      server.close()
      await world.close()
    },
  }
}

/** What is known of messages under an MSH-10: one, or none where it was refused. */
export async function known({ gateway }: Bench, controlId: string): Promise<MessagePage['messages']> {
  const { body } = await gateway.get(`/api/messages?controlId=${encodeURIComponent(controlId)}`)
  return (JSON.parse(body) as MessagePage).messages
}

/** A message that was taken, once all of its deliveries ended. */
export async function ended({ gateway }: Bench, controlId: string): Promise<MessageDetail> {
  return await until(`${controlId} is delivered`, async () => {
    const detail = await gateway.trace(controlId)
    return detail.state === 'inFlight' ? null : detail
  })
}

/** Findings as class, code and place. */
export function findingsOf({ findings }: Pick<MessageDetail, 'findings'>): string[] {
  return findings.map(({ code, class: sort, at }) => `${sort} ${code} ${at}`)
}

/** What a destination received under an MSH-10. */
export function received({ world }: Bench, controlId: string, destination = DPI): Buffer[] {
  return world
    .receiver(destination)
    .ledger.filter((line) => line.controlId === controlId)
    .map(({ bytes }) => bytes!)
}

/** FHIR bodies received that hold this text. */
export function receivedResources({ world }: Bench, text: string, destination = FHIR): string[] {
  return world
    .receiver(destination)
    .ledger.map(({ bytes }) => String(bytes))
    .filter((body) => body.includes(text))
}

/** What the FHIR door answered. */
export interface FhirSaid {
  readonly status: number
  readonly headers: Headers
  readonly json: Readonly<Record<string, unknown>>
  /** `severity code expression…` of each issue of an OperationOutcome. */
  readonly issues: readonly string[]
}

interface Issue {
  readonly severity: string
  readonly code: string
  readonly expression?: readonly string[]
}

/** A call of the FHIR door by a sender. */
export async function ask(
  { world }: Bench,
  sender: Sender,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<FhirSaid> {
  const answer = await fetch(`http://127.0.0.1:${world.httpPort}/fhir${path}`, {
    method,
    headers: { authorization: `Bearer ${senderKey(sender)}`, 'content-type': 'application/fhir+json', ...headers },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  const json = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
  const issues = ((json['issue'] ?? []) as Issue[]).map(({ severity, code, expression = [] }) =>
    [severity, code, ...expression].join(' '),
  )
  return { status: answer.status, headers: answer.headers, json, issues }
}

/** Posts HL7 v2 at one of its doors; gives the bytes of the acknowledgement, and that HTTP said 200 around it. */
export async function postHl7(
  { world }: Bench,
  sender: Sender,
  door: Door,
  bytes: Buffer,
  over: (framed: Buffer) => Promise<Buffer | null>,
): Promise<Buffer> {
  if (door === 'mllp') {
    const content = await over(block(bytes))
    if (content === null) throw new Error('the connection was closed without an answer')
    return content
  }
  const answer = await fetch(`http://127.0.0.1:${world.httpPort}/hl7`, {
    method: 'POST',
    headers: { authorization: `Bearer ${senderKey(sender)}`, 'content-type': 'application/hl7-v2' },
    body: new Uint8Array(bytes),
  })
  if (answer.status !== 200) throw new Error(`POST /hl7: ${answer.status}`)
  return Buffer.from(await answer.arrayBuffer())
}
