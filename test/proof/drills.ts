/**
 * Real requests, tests and drills of the same patients side by side, by HL7 v2, FHIR and the form's API: nothing of one kind
 * is ever joined with, told as, sent as or counted as another. */
import { sha256 } from '../console/region.ts'
import { openShortMessages, type ShortMessage } from '../support/peers/short-messages.ts'
import { connect } from '../support/world/client.ts'
import { type Random, random } from '../support/world/random.ts'
import { senderKey } from '../support/world/region.ts'
import { until } from '../support/world/until.ts'
import { emptied, makeWorld, type World } from '../support/world/world.ts'
import { callTo, type JourneyWorld, onDuty, person } from './journey-world.ts'

/** What a request is. */
export type Kind = 'real' | 'test' | 'drill'
type Way = 'hl7' | 'fhir' | 'form'

/** Kinds that can be told by each way: the form knows no tests, HL7 v2 no drills. */
const KINDS: Readonly<Record<Way, readonly Kind[]>> = {
  hl7: ['real', 'test'],
  fhir: ['real', 'test', 'drill'],
  form: ['real', 'drill'],
}
const WAYS = Object.keys(KINDS) as readonly Way[]
const HOUR_MS = 3_600_000
const EACH_PATIENT = 4
const ABREAST = 8
/** How each kind is marked at the head of what people are told. */
const MARKS: Readonly<Record<Kind, RegExp>> = { drill: /^EXERCICE\. T/, test: /^Test\. T/, real: /^Télé-AVC / }
const HTEST = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }
const DRILL = { system: 'https://passerelle.example/fhir/CodeSystem/case-mark', code: 'drill' }
const FHIR = { 'content-type': 'application/fhir+json' }
const SITES = ['ch-a', 'ch-b'] as const

interface Asking {
  readonly n: number
  readonly patient: number
  readonly site: (typeof SITES)[number]
  readonly way: Way
  readonly kind: Kind
}

/** What was found. `faults`: whatever crossed from one kind to another, or was lost. */
export interface DrillsFound {
  readonly cases: Readonly<Record<Kind, number>>
  readonly alerts: number
  readonly measured: number
  readonly delivered: number
  readonly faults: readonly string[]
}

function askings(requests: number, dice: Random): readonly Asking[] {
  return Array.from({ length: requests }, (_, n) => {
    const patient = Math.floor(n / EACH_PATIENT)
    const way = WAYS[patient % WAYS.length]!
    return { n, patient, site: SITES[patient % SITES.length]!, way, kind: dice.pick(KINDS[way]) }
  })
}

/** Two sites; the centre of one takes the real by a system of its own, that of the other the rest. */
async function drillWorld(sms: object): Promise<World> {
  return makeWorld({
    sources: ['CH-A', 'CH-B', 'CHU-A', 'CHU-B'],
    destinations: {
      'chu-a/unv': { keeps: true, options: { use: 'production', maxInFlight: 4 } },
      'chu-b/unv': { keeps: true, options: { maxInFlight: 4 } },
    },
    establishments: {
      'chu-a': { casesTo: 'unv', kind: 'university-hospital' },
      'chu-b': { casesTo: 'unv', kind: 'university-hospital' },
    },
    routes: [{ name: 'all', when: { kinds: ['ORM^O01', 'ServiceRequest'] }, to: ['platform'], lane: 'urgent' }],
    top: {
      store: { minFree: '1 MiB' },
      operators: [
        { name: 'operator', role: 'admin', keySha256: sha256('proof-operator-key') },
        ...SITES.map((site) => person(site, 'requester', [site])),
        person('chu-a', 'expert', ['chu-a']),
        person('chu-b', 'expert', ['chu-b']),
        person('coordination', 'coordination'),
        person('programme', 'programme-officer'),
      ],
      telemedicine: {
        sms,
        services: {
          stroke: {
            ladders: {
              answer: { centres: { 'ch-a': ['chu-a'], 'ch-b': ['chu-b'] } },
              interventional: { centres: { '*': ['chu-a'] } },
            },
          },
        },
      },
    },
  })
}

type Call = JourneyWorld['call']
// biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
type Json = any

const idOf = ({ patient }: Asking): string => `P${patient}`
/** The words of a request: by them its kind is known again wherever it went. */
const wordsOf = ({ n, kind }: Asking): string => `${kind} ${n}`

function hl7(asking: Asking): Buffer {
  const { n, site, kind, patient } = asking
  const mark = kind === 'real' ? 'P' : n % 2 === 0 ? 'T' : 'D'
  const lines = [
    `MSH|^~\\&|DPI|${site.toUpperCase()}|UNV|REGION|20261123101500+0100||ORM^O01^ORM_O01|M${n}|${mark}|2.5|||||FRA|UNICODE UTF-8`,
    `PID|||${idOf(asking)}^^^${site}&1.2.250.1.999.53&ISO^PI||PATIENT${patient} (FICTIF)^ZOE^^^^^L||19540312|F${'|'.repeat(24)}PROV`,
    `ORC|NW|O${n}^${site}||||||||20261123101500+0100|||899900000011^MARTIN (FICTIF)^Claire||0261910077`,
    `OBR|1|O${n}^${site}||75496-0^Demande^LN|||||||||${wordsOf(asking)}${'|'.repeat(18)}I63.9^Infarctus^I10`,
  ]
  return Buffer.from(`${lines.join('\r')}\r`, 'utf8')
}

function fhir(asking: Asking): object {
  const { n, kind, patient } = asking
  const security = kind === 'real' ? {} : { security: [HTEST] }
  return {
    resourceType: 'ServiceRequest',
    ...(kind === 'real' ? {} : { meta: { ...security, ...(kind === 'drill' && { tag: [DRILL] }) } }),
    status: 'active',
    intent: 'order',
    priority: 'stat',
    identifier: [{ system: 'urn:oid:1.2.250.9', value: `O${n}` }],
    subject: {
      type: 'Patient',
      identifier: { system: 'urn:oid:1.2.250.1.999.53', value: idOf(asking) },
      display: `PATIENT${patient} (FICTIF)`,
    },
    reasonCode: [{ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'I63.9' }], text: wordsOf(asking) }],
  }
}

function form(asking: Asking): object {
  const identifiers = [{ authority: '1.2.250.1.999.53', value: idOf(asking), type: 'PI' }]
  const patient = { identifiers, family: 'PATIENT (FICTIF)', given: 'Zoé', birthDate: null, sex: 'unknown' }
  const told = { service: 'stroke', callBack: '0261910077', reason: wordsOf(asking), drill: asking.kind === 'drill' }
  return { request: { ...told, patient } }
}

/** Asks once, by its way. @throws when it is not taken */
async function ask(asking: Asking, { mllpPort }: World, call: Call): Promise<void> {
  if (asking.way === 'hl7') {
    const client = await connect(mllpPort)
    const answer = await client.post(hl7(asking))
    client.close()
    if (answer?.code !== 'AA') throw new Error(`${wordsOf(asking)}: ${answer?.raw.toString('latin1')}`)
    return
  }
  const { status, json } = await (asking.way === 'fhir'
    ? call(senderKey(asking.site.toUpperCase()), '/fhir/ServiceRequest', { body: fhir(asking), headers: FHIR })
    : call(`k-${asking.site}`, '/api/cases', { body: form(asking) }))
  if (status !== 201) throw new Error(`${wordsOf(asking)}: ${status} ${JSON.stringify(json)}`)
}

async function abreast<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all]
  const walk = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await work(next)
  }
  await Promise.all(Array.from({ length: ABREAST }, walk))
}

interface Shown {
  readonly id: string
  readonly number: string
  readonly test: boolean
  readonly drill: boolean
  readonly site: string
  readonly requests: readonly { readonly reason: string }[]
}

const kindOf = ({ test, drill }: Shown): Kind => (drill ? 'drill' : test ? 'test' : 'real')

async function casesOf(call: Call, drill: boolean): Promise<Shown[]> {
  const all: Shown[] = []
  for (let after = ''; ; ) {
    const { json } = await call('k-coordination', `/api/cases?limit=200&drill=${drill}${after}`)
    all.push(...json.cases)
    if (json.next === null) return all
    after = `&after=${encodeURIComponent(json.next)}`
  }
}

/** Sends so many, waits until all is told and delivered, ends a third of the cases, and looks. */
export async function drillRun(
  requests: number,
  seed: number,
  tell: (line: string) => void = () => {},
): Promise<DrillsFound> {
  const sms = await openShortMessages()
  const world = await drillWorld(sms.settings)
  try {
    const gateway = await world.start()
    const call = callTo(world.httpPort)
    await onDuty(call, { 'chu-a': '0639980001', 'chu-b': '0639980001' })
    const all = askings(requests, random(seed))
    const expected = new Map(all.map((one) => [`${one.patient} ${one.kind}`, one.kind]))
    await abreast(all, (one) => ask(one, world, call))
    tell(`${all.length} asked`)
    const cases = await until(
      'every request is in a case',
      async () => {
        const found = [...(await casesOf(call, false)), ...(await casesOf(call, true))]
        return found.reduce((sum, one) => sum + one.requests.length, 0) >= all.length ? found : null
      },
      { withinMs: 600_000, everyMs: 200 + requests / 5 },
    )
    tell(`${cases.length} cases`)
    await emptied(gateway, 600_000)
    await until(
      'everybody is told',
      async () => {
        const told = alertsOf(sms.taken)
        return cases.every(({ number }) => told.has(number))
      },
      { withinMs: 600_000, everyMs: 200 + requests / 5 },
    )
    const ended = cases.filter((_, i) => i % 3 === 0)
    await abreast(ended, async ({ id, site }) => {
      for (const [key, what] of [
        [site === 'ch-a' ? 'k-chu-a' : 'k-chu-b', 'accept'],
        ['k-coordination', 'finish'],
      ] as const) {
        const { status } = await call(key, `/api/cases/${id}/acts`, { body: { act: { what } } })
        if (status !== 200) throw new Error(`${what}: ${status}`)
      }
    })
    const measured = await measuredBy(call)
    return { ...judged({ cases, ended, expected, measured, alerts: sms.taken, world }), measured }
  } finally {
    await world.close()
    sms.close()
  }
}

async function measuredBy(call: Call): Promise<number> {
  const day = 24 * HOUR_MS
  const [from, to] = [new Date(Date.now() - day).toISOString(), new Date(Date.now() + day).toISOString()]
  const { json } = await call('k-programme', `/api/measures?from=${from}&to=${to}`)
  const entries = (json.entry ?? []) as readonly { resource: { group: readonly Json[] } }[]
  return entries.reduce((sum, { resource }) => sum + resource.group[0].population[0].count, 0)
}

/** Short messages by the number of the case that they name. */
const alertsOf = (alerts: readonly ShortMessage[]): Map<string, ShortMessage[]> =>
  Map.groupBy(alerts, ({ text }) => /AVC-\d+-\d+/.exec(text)?.[0] ?? '')

interface Seen {
  readonly cases: readonly Shown[]
  readonly ended: readonly Shown[]
  readonly expected: ReadonlyMap<string, Kind>
  readonly measured: number
  readonly alerts: readonly ShortMessage[]
  readonly world: World
}

function judged({ cases, ended, expected, measured, alerts, world }: Seen): Omit<DrillsFound, 'measured'> {
  const faults: string[] = []
  const counts = { real: 0, test: 0, drill: 0 }
  const told = alertsOf(alerts)
  for (const one of cases) {
    const kind = kindOf(one)
    counts[kind] += 1
    const strange = one.requests.filter(({ reason }) => !reason.startsWith(`${kind} `))
    if (strange.length > 0) faults.push(`${one.number} is ${kind}, and holds ${strange[0]!.reason}`)
    const unmarked = (told.get(one.number) ?? []).filter(({ text }) => !MARKS[kind].test(text))
    if (unmarked.length > 0) faults.push(`${one.number} is ${kind}: ${unmarked[0]!.text}`)
  }
  for (const kind of ['real', 'test', 'drill'] as const) {
    const due = [...expected.values()].filter((one) => one === kind).length
    if (counts[kind] !== due) faults.push(`${counts[kind]} ${kind} cases, ${due} were due`)
  }
  const due = ended.filter((one) => kindOf(one) === 'real').length
  if (measured !== due) faults.push(`${measured} cases are measured of ${due} real ones that ended`)
  let delivered = 0
  for (const [centre, kinds] of [
    ['chu-a/unv', /\breal \d/],
    ['chu-b/unv', /\b(test|drill) \d/],
  ] as const) {
    const got = world.receiver(centre).ledger
    delivered += got.length
    const strange = got.filter(({ bytes }) => !kinds.test(bytes!.toString('utf8')))
    if (got.length === 0 || strange.length > 0)
      faults.push(`${centre}: ${strange.length} of ${got.length} are not its own`)
  }
  return { cases: counts, alerts: alerts.length, delivered, faults }
}
