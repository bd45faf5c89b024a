import { createHash } from 'node:crypto'
import { createServer as createWebServer, type Server as WebServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { EXAMPLE_ISSUER, exampleSubject, makeCertificates } from '../../src/app/certs.ts'
import { connect } from '../support/world/client.ts'
import { block, blocks, controlIdOf, field } from '../support/world/frame.ts'
import { acknowledgementOf } from '../support/world/receiver.ts'
import { makeWorld, type World } from './gateway.ts'

/** What far sides received, and who waits for it. */
class Inbox {
  readonly #waiting: ((text: string) => void)[] = []
  readonly #here: string[] = []

  put(text: string): void {
    const take = this.#waiting.shift()
    if (take) take(text)
    else this.#here.push(text)
  }

  next(): Promise<string> {
    const here = this.#here.shift()
    return here === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(here)
  }
}

/** What the MLLP far side received. */
export const hl7 = new Inbox()
/** What the FHIR far side received: its If-None-Exist, a line end, the body. */
export const fhir = new Inbox()
let far: Server
let farWeb: WebServer
const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port

/** Opens the far sides; for `beforeAll`. */
export async function openFarSides(): Promise<void> {
  far = createServer((socket) => {
    socket.on(
      'data',
      blocks((content) => {
        hl7.put(content.toString('latin1'))
        socket.write(block(Buffer.from(acknowledgementOf('AA', controlIdOf(content)))))
      }),
    )
  })
  farWeb = createWebServer((incoming, reply) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      fhir.put(`${incoming.headers['if-none-exist'] ?? ''}\n${Buffer.concat(chunks).toString()}`)
      reply.writeHead(201, { 'content-type': 'application/fhir+json' }).end()
    })
  })
  for (const server of [far, farWeb]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
}

/** Closes them. */
export function closeFarSides(): void {
  far.close()
  farWeb.close()
}

const hash = (key: string): string => createHash('sha256').update(key).digest('hex')
const hospital = (id: string, more: object = {}): object => ({
  id,
  name: `${id} (fictif)`,
  kind: 'hospital',
  senders: {
    facilities: [id.toUpperCase()],
    keys: [{ keySha256: hash(`key-${id}`) }],
    certificates: [{ issuer: EXAMPLE_ISSUER, subject: exampleSubject(id) }],
  },
  ...more,
})

/** Where a world with mutual TLS keeps its certificates: `ca.pem`, and for each of `CERTIFIED` a `.pem` and a `.key`. */
export const pkiOf = (world: World): string => join(world.dir, 'pki')
const CERTIFIED = ['engine', 'b']

/**
 * A plain sender, a strict one, a shared engine that sends for `b`, and `b` and `c`; everything goes to `far`. `mutual`:
 * with an MLLP door of mutual TLS too. */
export async function opened({ mutual = false }: { readonly mutual?: boolean } = {}): Promise<World> {
  const world = makeWorld()
  if (mutual) await makeCertificates(pkiOf(world), CERTIFIED)
  const tls = { key: 'pki/gateway.key', cert: 'pki/gateway.pem', ca: 'pki/ca.pem' }
  const doors = { mllp: { port: 0 }, http: { port: 0 }, ...(mutual ? { mllps: { port: 0, tls } } : {}) }
  const to = (n: number) => ({ type: 'mllp', host: '127.0.0.1', port: n, use: 'qualification' })
  const web = { type: 'fhir', url: `http://127.0.0.1:${portOf(farWeb)}/fhir`, use: 'qualification' }
  world.write(
    {},
    {
      entrances: doors,
      establishments: [
        hospital('plain'),
        hospital('strict', { strict: true }),
        hospital('engine', { sendsFor: ['b'] }),
        hospital('b', { finess: { ej: '440000289' } }),
        hospital('c', { finess: { ej: '490000031' } }),
        hospital('far', { destinations: { gam: to(portOf(far)), dpi: web } }),
      ],
      routes: [
        {
          name: 'of b',
          when: { kinds: ['ADT^*', 'ORU^*'], from: ['b'] },
          to: ['far/gam'],
          edit: [{ set: 'MSH-5', to: 'B' }],
        },
        { name: 'adt', when: { kinds: ['ADT^*', 'ORU^*'] }, to: ['far/gam'] },
        {
          name: 'fhir',
          when: { kinds: ['Patient', 'ServiceRequest', 'Encounter', 'Bundle:transaction', 'Bundle:message'] },
          to: ['far/dpi', 'platform'],
        },
      ],
    },
  )
  await world.start()
  return world
}

/** A number of a hospital. */
export const IPP = '0001^^^CH&440000289&M^PI'
/** An INS under one of its authorities. */
export const ins = (arc: number, id = '279035121518989') =>
  `${id}^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.${arc}&ISO^INS`
let made = 0
/** A number that no other call gives. */
export const nextNumber = (): number => ++made

/** What a message is made of. */
export interface Written {
  readonly event?: string
  readonly from?: string
  readonly pid3?: string
  readonly status?: string
  readonly more?: string
}

/** An invented message of one patient. */
export function adt({
  event = 'A28^ADT_A05',
  from = 'PLAIN',
  pid3 = `${IPP}~${ins(10)}`,
  status = 'VALI',
  more = '',
}: Written): string {
  const id = `ID${nextNumber()}`
  const kind = event.includes('^O') || event.startsWith('ORU') ? event : `ADT^${event}`
  const version = kind.startsWith('ADT') ? '2.5^FRA^2.11' : '2.5'
  const pid = `PID|||${pid3}||PAT-TROIS (FICTIF)^DOMINIQUE^^^^^L||19790328|F||||||||||7^^^CH&1.2.3&ISO^AN${'|'.repeat(14)}${status}`
  const isMovement = kind === 'ADT^A01^ADT_A01'
  const lines = [
    `MSH|^~\\&|GAM|${from}|DPI|FAR|20260310101500||${kind}|${id}|T|${version}|||||FRA|8859/15`,
    ...(kind.startsWith('ADT') ? ['EVN||20260310101500||||20260310101500'] : []),
    pid,
    ...(more.startsWith('MRG') ? [more] : []),
    isMovement ? `PV1||I${'|'.repeat(17)}8^^^CH&1.2.3&ISO^VN` : 'PV1||N',
    ...(more === '' || more.startsWith('MRG') ? [] : [more]),
    ...(isMovement ? ['ZBE|M1^CH^1.2.3^ISO|20260310101500||INSERT|N||UF^^^^^440000289^UF^^^1||M'] : []),
  ]
  return `${lines.join('\r')}\r`
}

/** Posts it by MLLP; gives `MSA-1 ERR-3 ERR-2`. */
export async function post(world: World, text: string): Promise<string> {
  const client = await connect(world.port('mllp'))
  onTestFinished(() => client.close())
  const answer = await client.post(Buffer.from(text, 'latin1'))
  if (answer === null) return 'closed'
  const { raw } = answer
  return [field(raw, 'MSA', 1), field(raw, 'ERR', 3).split('^')[0], field(raw, 'ERR', 2)].join(' ').trim()
}

/** The only message with this MSH-10, as the API tells it. */
export async function told(
  world: World,
  text: string,
): Promise<{ id: string; establishment: string; findings: string[] }> {
  const controlId = text.split('|')[9]
  const list = (await world.call(`/api/messages?controlId=${controlId}`)).json['messages'] as { id: string }[]
  const detail = (await world.call(`/api/messages/${list[0]!.id}`)).json as {
    id: string
    from: string
    findings: { code: string; at: string }[]
  }
  return { id: detail.id, establishment: detail.from, findings: detail.findings.map(({ code, at }) => `${code} ${at}`) }
}

/** The content as the API gives it to an establishment. */
export async function bodyFor(world: World, id: string, who: string): Promise<string> {
  const answer = await fetch(`${world.url()}/api/messages/${id}/body`, {
    headers: { authorization: `Bearer key-${who}` },
  })
  return Buffer.from(await answer.arrayBuffer()).toString('latin1')
}

/** What the FHIR door answered. */
export interface Said {
  readonly status: number
  readonly location: string
  readonly json: Record<string, unknown>
}

/** A call of the FHIR door by an establishment. */
export async function ask(
  world: World,
  who: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Said> {
  const answer = await fetch(`${world.url()}/fhir${path}`, {
    method,
    headers: { authorization: `Bearer key-${who}`, 'content-type': 'application/fhir+json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.text()
  const location = new URL(answer.headers.get('location') ?? 'http://none/').pathname
    .replace('/fhir', '')
    .split('/_')[0]!
  return { status: answer.status, location, json: text === '' ? {} : JSON.parse(text) }
}

/** `severity code expression` of each issue. */
export function issuesOf({ json }: Said): string[] {
  const issues = (json['issue'] ?? []) as { severity: string; code: string; expression?: string[] }[]
  return issues.map(({ severity, code, expression }) => `${severity} ${code} ${expression?.[0]}`)
}

/** An identity's reliability. */
export const status = (code: string) => ({
  url: 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability',
  extension: [{ url: 'identityStatus', valueCoding: { code } }],
})
/** A test INS. */
export const NIR = { system: 'urn:oid:1.2.250.1.213.1.4.10', value: '279035121518989' }
/** A number of a hospital. */
export const LOCAL = { system: 'https://ch-exemple.test/ipp', value: '0001' }
/** A patient of some status. */
export const person = (code: string, identifier: object[] = [NIR, LOCAL]) => ({
  resourceType: 'Patient',
  extension: [status(code)],
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] },
  identifier,
  name: [{ use: 'official', family: 'PAT-TROIS (FICTIF)' }],
  gender: 'female',
  birthDate: '1979-03-28',
})
/** A request for a patient. */
export const request = (subject: object, more: object = {}) => ({
  resourceType: 'ServiceRequest',
  meta: person('PROV').meta,
  status: 'active',
  intent: 'order',
  subject,
  ...more,
})
