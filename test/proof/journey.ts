/**
 * Whole journeys of telemedicine through real doors, with the gateway killed in the middle of their legs: asked by HL7 v2,
 * refused by HL7 v2 at the first centre, accepted and advised by FHIR at the second, images from archive to archive, advice
 * back as ORU. Afterwards nothing is lost or doubled, and order was kept. */
import { CASE_STATE } from '../../src/formats/case/task.ts'
import { CASE_PARTS } from '../../src/formats/case/task-parts.ts'
import { dicomFile, uidOf } from '../support/peers/dicom-file.ts'
import { connect } from '../support/world/client.ts'
import { field } from '../support/world/frame.ts'
import { insisting, type JourneyWorld, systemKey } from './journey-world.ts'

/** Where a journey may lose its gateway. */
export const LEGS = ['asked', 'refused', 'accepting', 'images', 'advised', 'reading'] as const
/** One of them. */
export type Leg = (typeof LEGS)[number]

/** One journey: its number, the number of its images, and where the gateway is killed. */
export interface Journey {
  readonly n: number
  readonly images: number
  readonly kills: readonly Leg[]
}

const HOSPITAL = 'ch-haut-anjou'
/** Bytes of the pixels of one image: large enough that a study is on its way for a while. */
const PIXELS = 131_072

/** Number of the order of a journey. */
export const placerOf = (n: number): string => `AVC-${n}`
const familyOf = (n: number): string => `VOYAGE${n} (FICTIF)`
const patientOf = (n: number): string => `3${String(n).padStart(6, '0')}`
/** Images of the study of a journey. */
export const imagesOf = ({ n, images }: Journey): readonly string[] =>
  Array.from({ length: images }, (_, i) => uidOf(n, 1, i + 1))

function hl7(facility: string, kind: string, controlId: string, ...lines: readonly string[]): Buffer {
  const head = `MSH|^~\\&|DPI|${facility}|UNV|REGION|20261123101500+0100||${kind}^${kind.replace('^', '_')}|${controlId}|T|2.5|||||FRA|UNICODE UTF-8`
  return Buffer.from(`${[head, ...lines].join('\r')}\r`, 'utf8')
}

function pid(n: number): string {
  return `PID|||${patientOf(n)}^^^CH-HAUT-ANJOU&1.2.250.1.999.53&ISO^PI||${familyOf(n)}^JEANNE^^^^^L||19500214|F${'|'.repeat(24)}PROV`
}

/** Sends until there is a positive answer; a repeat bears the same MSH-10. */
async function send(world: JourneyWorld, message: Buffer): Promise<void> {
  await insisting(`an answer to ${field(message, 'MSH', 10)}`, async () => {
    const client = await connect(world.mllpPort)
    try {
      return (await client.post(message))?.code === 'AA'
    } finally {
      client.close()
    }
  })
}

interface Task {
  readonly id: string
  readonly meta: { readonly versionId: string }
  readonly groupIdentifier: { readonly value: string }
  readonly businessStatus: { readonly coding: readonly { readonly code: string }[] }
}

const stateOf = ({ businessStatus }: Task): string => businessStatus.coding[0]?.code ?? ''

/** The Task of a journey, as an establishment sees it; null: it sees none. */
async function taskOf(world: JourneyWorld, establishment: string, n: number): Promise<Task | null> {
  const id = encodeURIComponent(placerOf(n))
  const { status, json } = await world.call(systemKey(establishment), `/fhir/Task?identifier=${id}`)
  const found = status === 200 ? (json.entry ?? []) : []
  if (found.length > 1) throw new Error(`${found.length} Tasks of ${placerOf(n)}`)
  return found[0]?.resource ?? null
}

/** Patches the Task until it stands at one of these; an answer that was lost is looked for in the Task. */
async function move(world: JourneyWorld, establishment: string, n: number, operations: readonly object[], to: RegExp) {
  return await insisting(`${placerOf(n)} at ${to.source}`, async () => {
    const task = await taskOf(world, establishment, n)
    if (task === null) return null
    if (to.test(stateOf(task))) return task
    const headers = { 'if-match': `W/"${task.meta.versionId}"`, 'content-type': 'application/json-patch+json' }
    await world.call(systemKey(establishment), `/fhir/Task/${task.id}`, { method: 'PATCH', body: operations, headers })
    return null
  })
}

const business = (code: string): object[] => [
  { op: 'replace', path: '/businessStatus/coding', value: [{ system: CASE_STATE, code }] },
]
const output = (code: string, value: object, path: string): object[] => [
  { op: 'add', path, value: path === '/output' ? [{ type: coded(code), ...value }] : { type: coded(code), ...value } },
]
const coded = (code: string): object => ({ coding: [{ system: CASE_PARTS, code }] })

/** Puts the images of a journey into the archive of its site. */
async function examined({ site }: JourneyWorld, journey: Journey): Promise<void> {
  const { n } = journey
  for (const [i, uid] of imagesOf(journey).entries()) {
    const patient = { patientId: patientOf(n), name: `${familyOf(n)}^JEANNE`, birthDate: '19500214' }
    const pixels = Buffer.alloc(PIXELS, i)
    await site.put(dicomFile({ study: uidOf(n), series: uidOf(n, 1), uid, number: i + 1, pixels, ...patient }))
  }
}

/** Goes one journey from end to end. */
export async function travelled(world: JourneyWorld, journey: Journey): Promise<void> {
  const { n, images, kills } = journey
  const passing = async (leg: Leg): Promise<void> => {
    if (kills.includes(leg)) await world.kill()
  }
  const [hospital, angers] = [world.receiver('ch-haut-anjou/dpi'), world.receiver('chu-angers/unv')]
  await examined(world, journey)
  await send(world, hl7('CH-HAUT-ANJOU', 'ADT^A01', `A${n}`, 'EVN||20261123101500+0100', pid(n), 'PV1|1|E|URG'))
  await send(world, request(n))
  await passing('asked')

  await angers.when(({ ledger }) => ledger.some(({ bytes }) => about(bytes, n)), 60_000)
  const words = `ORC|UA|${placerOf(n)}^CH-HAUT-ANJOU||||||||||||||^Pas de neurologue`
  await send(world, hl7('CHU-ANGERS', 'ORR^O02', `R${n}`, `MSA|AA|M${n}`, words))
  await passing('refused')

  const nantes = world.receiver('chu-nantes/unv')
  await nantes.when(({ ledger }) => ledger.some(({ bytes }) => about(bytes, n)), 60_000)
  // The line gives way when half of a study has passed.
  const half = kills.includes('images') ? world.cutAfter((images / 2) * PIXELS) : null
  const accepting = move(world, 'chu-nantes', n, business('accepted'), /^accepted$/)
  await passing('accepting')
  await accepting
  if (half !== null) {
    await half
    await world.kill()
  }
  await received(world, journey)

  const silenced = kills.includes('advised')
  if (silenced) hospital.behave((_id, nth) => (nth === 1 ? 'silent' : 'AA'))
  const advice = output('advice', { valueString: `Avis ${n}` }, '/output/-')
  await move(world, 'chu-nantes', n, advice, /^advised$/)
  await hospital.when(({ ledger }) => ledger.some(({ bytes }) => about(bytes, n) && orc(bytes!)[1] === 'RE'), 60_000)
  // What it has and did not answer for is what the kill falls on.
  if (silenced) hospital.behave(() => 'AA')
  await passing('advised')

  const reading = move(world, HOSPITAL, n, business('advice-read'), /^(advice-read|decided)$/)
  await passing('reading')
  await reading
  const decision = { valueCodeableConcept: { coding: [{ system: `${CASE_PARTS}/decision`, code: 'transfer' }] } }
  await move(world, HOSPITAL, n, output('decision', decision, '/output/-'), /^decided$/)
  await move(world, HOSPITAL, n, [{ op: 'replace', path: '/status', value: 'completed' }], /^done$/)
}

function request(n: number): Buffer {
  return hl7(
    'CH-HAUT-ANJOU',
    'ORM^O01',
    `M${n}`,
    pid(n),
    'PV1|1|E|URG^BOX 2',
    `ORC|NW|${placerOf(n)}^CH-HAUT-ANJOU||||||||20261123101500+0100|||899900000011^MARTIN (FICTIF)^Claire||0261910077`,
    `OBR|1|${placerOf(n)}^CH-HAUT-ANJOU||75496-0^Demande^LN|||||||||Déficit brutal${'|'.repeat(18)}I63.9^Infarctus^I10`,
    `ZDS|${uidOf(n)}^CISIS^Application^DICOM`,
  )
}

async function received(world: JourneyWorld, { n, images }: Journey): Promise<void> {
  await insisting(`the images of ${placerOf(n)}`, async () => {
    const task = await taskOf(world, HOSPITAL, n)
    if (task === null) return null
    const { json } = await world.call('k-coordination', `/api/cases/${task.groupIdentifier.value}`)
    return json?.studies?.[0]?.received === images
  })
}

/** Does a message bear the number of this journey's order? */
export function about(bytes: Buffer | undefined, n: number): boolean {
  return new RegExp(`${placerOf(n)}\\b`).test(bytes?.toString('latin1') ?? '')
}

/** Fields of the ORC of a message. */
export function orc(bytes: Buffer): readonly string[] {
  const line = bytes
    .toString('latin1')
    .split('\r')
    .find((one) => one.startsWith('ORC|'))
  return line?.split('|') ?? []
}
