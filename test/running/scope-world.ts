import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { BOUND } from '../../src/app/sign-in/bound.ts'
import type { Statement } from '../../src/core/journal.ts'
import { MAY, ROLES, type Role } from '../../src/core/roles.ts'
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import { sha256 } from '../console/region.ts'
import { oru } from '../pipeline/stage.ts'
import { mailOf } from '../support/mail-operator.ts'
import { authority } from '../support/peers/pki.ts'
import type { Written } from '../support/region.ts'
import { farSide, makeWorld, mllpAt, type World } from './gateway.ts'
import { evidenceOf } from './scope-evidence.ts'
import { mailbox, mailDomain } from './scope-mail.ts'
import { enrolmentOf } from './scope-programmes.ts'
import { identifierOf, putMail, READERS } from './scope-webmail.ts'

/** Two establishments that have nothing to do with each other; a third one sends to both. */
export type Side = 'a' | 'b'
/** All that is of one side alone says so. */
export const markOf = (side: Side): string => `only-${side}`
/** Stands in clinical text. */
export const CLINICAL = 'for-clinicians'
/** The other side. */
export const otherOf = (side: Side): Side => (side === 'a' ? 'b' : 'a')
/** Everybody who may call. */
export type Who = Role | 'establishment'
/** Unit to which somebody of each of these roles is bound, by the key `ROLE-unit`. */
export const UNIT = 'U2'
export const IN_UNITS = ['requester', 'secretariat'] as const satisfies readonly Role[]

/** May somebody of the role be given content, where the role has none? */
export const mayReveal = (who: Who): boolean => who !== 'editor' && MAY[who]['messages:read'] !== undefined

/** A call. `form` and `json` and `text` are bodies; `method`: where it is neither GET nor, with a body, POST. */
export interface Ask {
  readonly path: string
  readonly method?: string
  readonly form?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly text?: string | Uint8Array<ArrayBuffer>
  readonly headers?: Readonly<Record<string, string>>
}

/** What came back. Of a stream that does not end: what it told first. */
export interface Told {
  readonly status: number
  readonly text: string
  readonly to: string | null
  readonly cookie: string | null
}

/** What there is of one side. */
export interface Thing {
  readonly side: Side
  readonly establishment: string
  readonly destination: string
  readonly message: string
  readonly alert: string
  readonly patient: string
}

/** A whole gateway, filled on both sides. */
export interface Scene {
  readonly world: World
  readonly things: Readonly<Record<Side, Thing>>
  /** Calls with the key of somebody of this role on this side, or with headers alone. `unit`: of one unit of side `a`. */
  call(who: Who | null, side: Side | 'unit', ask: Ask): Promise<Told>
}

const OWN_CENTRES = { 'ch-a': ['ch-a'], 'ch-b': ['ch-b'] }
const FHIR = { 'content-type': 'application/fhir+json', prefer: 'return=representation' }
const HTEST = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] }

/** A call of the FHIR door. */
export const fhir = (path: string, body?: unknown, method?: string): Ask => ({
  path: `/fhir${path}`,
  headers: FHIR,
  ...(body === undefined ? {} : { text: JSON.stringify(body) }),
  ...(method === undefined ? {} : { method }),
})

/** An invented patient. */
export const patient = (value: string, more: object = {}) => ({
  resourceType: 'Patient',
  meta: HTEST,
  identifier: [{ system: 'urn:oid:1.2.3', value }],
  name: [{ family: 'ESSAI (FICTIF)' }],
  ...more,
})

/** A message of an establishment (MSH-4), by this product (MSH-3). */
export const hl7 = (path: string, facility: string, product: string, controlId: string): Ask => ({
  path,
  text: oru({ 3: product, 4: facility, 10: controlId }, `P-${controlId}^^^${facility}^PI`),
  headers: { 'content-type': 'application/hl7-v2' },
})

/** Starts it, and fills it once. */
export async function startScene(): Promise<Scene> {
  const world = makeWorld()
  const far = await farSide()
  const domains = { [mailDomain('a')]: 'ch-a', [mailDomain('b')]: 'ch-b' }
  const region = regionOf(mllpAt(far), mllpAt(far, { tls: certified(world.dir) }))
  world.write({}, { ...region, mail: mailOf(world.dir, domains) })
  const alerts = await raise(join(world.dir, 'store'))
  await world.start()
  const call: Scene['call'] = (who, side, ask) => callOf(world, who === null ? null : `${who}-${side}`, ask)
  const [a, b] = [await fill(world.dir, 'a', alerts, call), await fill(world.dir, 'b', alerts, call)]
  // What others sent to both of them.
  await done(callOf(world, 'sender-c', hl7('/hl7', 'C', 'DPI', 'to-both')))
  return { world, things: { a, b }, call }
}

/** Files of a client certificate, for destinations that nothing is sent to. */
function certified(dir: string): object {
  const ca = authority('CA ESSAI')
  const { key, cert } = ca.issue('passerelle.test')
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  return { key: file('client.key', key), cert: file('client.pem', cert), ca: file('ca.pem', ca.cert) }
}

function regionOf(destination: object, overTls: object): Written {
  const establishment = (id: string, name: string, parts: object = {}) => ({
    id,
    name,
    kind: 'hospital',
    finess: { ej: '530000371' },
    ...parts,
  })
  const side = (one: Side) =>
    establishment(`ch-${one}`, `Only-${one} (fictif)`, {
      senders: { facilities: [one.toUpperCase()], keys: [{ keySha256: sha256(`establishment-${one}`) }] },
      destinations: { [markOf(one)]: destination, [`${markOf(one)}-tls`]: overTls },
    })
  const operator = (role: Role, one: Side) => ({
    name: `${role}-${one}`,
    role,
    keySha256: sha256(`${role}-${one}`),
    content: mayReveal(role),
    ...(BOUND.includes(role) ? { establishments: [`ch-${one}`] } : {}),
    ...(role === 'editor' ? { applications: ['DPI'] } : {}),
    ...(READERS.includes(role) ? { identifier: identifierOf(role, one) } : {}),
  })
  const route = (one: Side) => ({ name: markOf(one), when: { from: [`ch-${one}`] }, to: [`ch-${one}/${markOf(one)}`] })
  return {
    establishments: [
      ...(['a', 'b'] as const).map(side).map((one, i) => ({ ...one, finess: { ej: ['530000371', '490000031'][i] } })),
      establishment('ch-c', 'Sender (fictif)', {
        finess: { ej: '440000289' },
        senders: { facilities: ['C'], keys: [{ keySha256: sha256('sender-c') }] },
      }),
    ],
    routes: [route('a'), route('b'), { name: 'to both', when: { from: ['ch-c'] }, to: ['ch-a/only-a', 'ch-b/only-b'] }],
    operators: [
      ...ROLES.flatMap((role) => [operator(role, 'a'), operator(role, 'b')]),
      ...IN_UNITS.map((role) => {
        const name = `${role}-unit`
        return { ...operator(role, 'a'), name, keySha256: sha256(name), units: [UNIT] }
      }),
    ],
    // Each asks a third one, or its own people: nobody of theirs answers the other.
    telemedicine: {
      services: {
        stroke: { ladders: { answer: { centres: { '*': ['ch-c'] } }, interventional: { centres: OWN_CENTRES } } },
        'plaies-escarres': {
          askers: { establishments: ['ch-a', 'ch-b'] },
          joinUrl: 'https://sessions.test/#{token}',
          ladders: { answer: { centres: OWN_CENTRES } },
        },
      },
    },
    signIn: { demo: true },
  }
}

/** Unit whose cases nobody bound to `UNIT` sees. */
export const OTHER_UNIT = 'U1'

/** An alert of each side, and what is over and counted, in the store before anybody watches. */
async function raise(dir: string): Promise<Readonly<Record<Side, string>>> {
  const quiet = { log: { info() {}, warn() {}, error() {} }, meter: { count() {}, observe() {} } }
  const journal = await openSqliteJournal({
    ...quiet,
    dir,
    clock: machineClock,
    ids: machineIds,
    refusedMaxBytes: () => 1_000_000,
    onFatal: (fault) => {
      throw fault
    },
  })
  const alerts = { a: machineIds.uuid(), b: machineIds.uuid() }
  const nowMs = machineClock.nowMs()
  for (const side of ['a', 'b'] as const) {
    const subject = `ch-${side}/${markOf(side)}`
    await journal.apply({
      rows: [
        {
          sql: `INSERT INTO alert (id, cause, kind, severity, code, subject, establishment, params, first_at_ms,
            last_at_ms, times, acknowledged) VALUES (?, ?, 'late-refusal', 'important', 'LATE_REFUSAL', ?, ?, '{}', ?, ?, 1, 0)`,
          parameters: [alerts[side], `late-refusal:LATE_REFUSAL:${subject}`, subject, `ch-${side}`, nowMs, nowMs],
        },
        ...[UNIT, OTHER_UNIT].flatMap((unit) => over(side, unit, nowMs)),
        ...evidenceOf(side, nowMs),
        ...enrolmentOf(side, nowMs),
      ],
    })
  }
  await journal.close()
  return alerts
}

/** A real case and a real appointment of a unit that are over: those of the scene are trials, which nobody counts. */
function over(side: Side, unit: string, nowMs: number): Statement[] {
  const [id, site] = [`over-${side}-${unit}`, `ch-${side}`]
  const moments = JSON.stringify({ request: nowMs, closed: nowMs })
  return [
    {
      sql: `INSERT INTO care_measure (care_case, service, kind, site, unit, centre, state, decision, late, requested_at_ms,
        moments) VALUES (?, 'stroke', 'stroke', ?, ?, 'ch-c', 'done', NULL, 0, ?, ?)`,
      parameters: [id, site, unit, nowMs, moments],
    },
    {
      sql: `INSERT INTO appointment (id, care_case, number, service, site, unit, centre, status, start_ms, end_ms, test,
        drill, version, changed_at_ms) VALUES (?, ?, ?, ?, ?, ?, 'ch-c', ?, ?, ?, 0, 0, 1, ?)`,
      parameters: [id, id, id, 'plaies-escarres', site, unit, STATUS_OF[unit] ?? '', nowMs, nowMs + 1, nowMs],
    },
  ]
}

/** What became of the appointment of each unit: it tells them apart where they are counted. */
export const STATUS_OF: Readonly<Record<string, string>> = { [UNIT]: 'fulfilled', [OTHER_UNIT]: 'noshow' }

async function done(told: Promise<Told>): Promise<Told> {
  const answer = await told
  expect([answer.status < 400, answer.status, answer.text]).toEqual([true, answer.status, answer.text])
  return answer
}

async function fill(
  dir: string,
  side: Side,
  alerts: Readonly<Record<Side, string>>,
  call: Scene['call'],
): Promise<Thing> {
  const [establishment, facility, mark] = [`ch-${side}`, side.toUpperCase(), markOf(side)]
  const as = (who: Who, ask: Ask) => done(call(who, side, ask))
  for (const [path, product, name] of [
    ['/hl7', 'DPI', mark],
    ['/hl7', 'LABO', `labo-${mark}`],
    ['/sandbox/hl7', 'DPI', `${mark}-tried`],
    ['/sandbox/hl7', 'LABO', `labo-${mark}-tried`],
  ] as const) {
    await as('establishment', hl7(path, facility, product, name))
  }
  const made = JSON.parse((await as('establishment', fhir('/Patient', patient(mark)))).text)
  await as('admin', { path: '/raccordements', form: { establishment, flow: 'results' } })
  const step = `/raccordements/${establishment}/results/etapes/agreement`
  await as('admin', { path: step, form: { act: 'save', owner: mark } })
  const [from, until] = [-1, 60].map((minutes) => new Date(Date.now() + minutes * 60_000).toISOString())
  const plan = { from, until, text: `Works at ${mark}`, destinations: [`${establishment}/${mark}`] }
  await as('admin', { path: '/api/maintenance', json: plan })
  const box = { address: mailbox(side), kind: 'ORG', name: `Service ${mark}`, reason: mark }
  await as('admin', { path: '/api/mail/mailboxes', json: box })
  await putMail(dir, side, (ask) => as('admin', ask))
  const { messages } = JSON.parse((await as('admin', { path: `/api/messages?controlId=${mark}` })).text)
  return {
    side,
    establishment,
    destination: `${establishment}/${mark}`,
    message: messages[0].id,
    alert: alerts[side],
    patient: made.id,
  }
}

async function callOf(world: World, key: string | null, ask: Ask): Promise<Told> {
  const { path, form, json, text, headers = {} } = ask
  const body = form !== undefined ? new URLSearchParams(form) : json === undefined ? text : JSON.stringify(json)
  const leave = new AbortController()
  const response = await fetch(world.url() + path, {
    signal: leave.signal,
    method: ask.method ?? (body === undefined ? 'GET' : 'POST'),
    redirect: 'manual',
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  })
  const streams = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  return {
    status: response.status,
    text: streams ? await firstTold(response, leave) : await response.text(),
    to: response.headers.get('location'),
    cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? null,
  }
}

/** What a stream says until it has told something; then nobody listens any more. */
async function firstTold({ body }: Response, leave: AbortController): Promise<string> {
  let text = ''
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString()
    if (/^data: .*\n\n/m.test(text)) break
  }
  leave.abort()
  return text
}
