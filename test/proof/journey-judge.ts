import type { Act } from '../../src/core/cases.ts'
import { uidOf } from '../support/peers/dicom-file.ts'
import type { Received } from '../support/world/receiver.ts'
import { about, imagesOf, type Journey, orc, placerOf, travelled } from './journey.ts'
import { type JourneyWorld, LAST_RUNG } from './journey-world.ts'

/** Acts of people and systems that each happen once in a journey, in this order. */
const ONCE = ['request', 'refuse', 'accept', 'advise', 'read-advice', 'decide', 'finish']
/** What the hospital is told, in this order: refused once, accepted, advised. */
const ANSWERS = ['SC', 'OK', 'RE']

/** A happening as the API shows it. */
export interface Happened {
  readonly recordedAt: string
  readonly act: Act
}

/** What was found of journeys. `faults`: what was lost, doubled or out of order. */
export interface JourneysFound {
  readonly kills: number
  readonly rungs: number
  /** Messages that far sides were sent, and those of them that were repeats. */
  readonly deliveries: number
  readonly repeats: number
  readonly faults: readonly string[]
}

/** Goes these journeys, so many side by side, and looks at each. */
export async function journeysRun(
  world: JourneyWorld,
  journeys: readonly Journey[],
  abreast: number,
): Promise<JourneysFound> {
  const left = [...journeys]
  const walk = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await travelled(world, next)
  }
  await Promise.all(Array.from({ length: abreast }, walk))
  const status = await world.empty()
  const faults: string[] = []
  if (status.difference !== 0 || status.parked !== 0) faults.push(`the journal counts ${JSON.stringify(status)}`)
  const cases = await casesOf(world)
  if (cases.length !== journeys.length) faults.push(`${cases.length} cases of ${journeys.length} journeys`)
  let rungs = 0
  for (const journey of journeys) {
    const looked = await lookedAt(world, journey, cases)
    rungs += looked.rungs
    faults.push(...looked.faults.map((fault) => `${placerOf(journey.n)}: ${fault}`))
  }
  const ledgers = ['ch-haut-anjou/dpi', 'chu-angers/unv', 'chu-nantes/unv'].map((id) => world.receiver(id).ledger)
  const all = ledgers.flatMap((ledger) => ledger.map(({ controlId, crc }) => `${controlId} ${crc}`))
  return { kills: world.kills(), rungs, deliveries: all.length, repeats: all.length - new Set(all).size, faults }
}

interface Shown {
  readonly id: string
  readonly state: string
  readonly number: string
  readonly requests: readonly { readonly placer: { readonly value: string } }[]
  readonly studies: readonly { readonly uid: string; readonly received: number; readonly held: number }[]
}

async function casesOf(world: JourneyWorld): Promise<readonly Shown[]> {
  const all: Shown[] = []
  for (let after = ''; ; ) {
    const { json } = await world.call('k-coordination', `/api/cases?limit=200${after}`)
    all.push(...json.cases)
    if (json.next === null) return all
    after = `&after=${encodeURIComponent(json.next)}`
  }
}

async function lookedAt(world: JourneyWorld, journey: Journey, cases: readonly Shown[]) {
  const { n, images } = journey
  const mine = cases.filter(({ requests }) => requests.some(({ placer }) => placer.value === placerOf(n)))
  const [one] = mine
  if (one === undefined || mine.length > 1) return { rungs: 0, faults: [`${mine.length} cases`] }
  const { json } = await world.call('k-coordination', `/api/cases/${one.id}`)
  const happenings = json.happenings as readonly Happened[]
  const faults: string[] = []
  const acts = happenings.map(({ act }) => act.what).filter((what) => ONCE.includes(what))
  if (acts.join() !== ONCE.join()) faults.push(`its acts are ${acts.join()}`)
  const [study] = one.studies
  if (one.studies.length !== 1 || study?.uid !== uidOf(n) || study.received !== images || study.held !== 0) {
    faults.push(`its study is ${JSON.stringify(one.studies)}`)
  }
  const there = (await world.centre.uids(uidOf(n))).toSorted()
  if (there.join() !== imagesOf(journey).toSorted().join()) faults.push(`${there.length} images are at the centre`)
  const climbed = rungsOf(happenings)
  faults.push(...climbed.faults, ...(await alerted(world, one, climbed.alerts)), ...delivered(world, n))
  return { rungs: climbed.rungs, faults }
}

/** Short messages: one of each rung or of rungs that were late together, sent unless somebody answered first, and no other. */
export async function alerted(
  world: Pick<JourneyWorld, 'call' | 'told'>,
  { id, number }: Pick<Shown, 'id' | 'number'>,
  alerts: number,
): Promise<readonly string[]> {
  const { json } = await world.call('k-coordination', `/api/cases/${id}/notices`)
  const notices = json.notices as readonly { id: string; why: string; channel: string; state: string }[]
  const mine = notices.filter(({ why, channel }) => why === 'rung' && channel === 'sms')
  const taken = new Set(world.told.filter(({ text }) => text.includes(number)).map((one) => one.id))
  const wrong = mine.filter(({ id: one, state }) => (state === 'sent' ? !taken.has(one) : state !== 'dropped'))
  const strange = [...taken].filter((one) => !notices.some((notice) => notice.id === one))
  return [
    ...(mine.length === alerts ? [] : [`${mine.length} short messages, ${alerts} were due`]),
    ...(wrong.length + strange.length === 0 ? [] : [`short messages: ${JSON.stringify({ wrong, strange })}`]),
  ]
}

/** Rungs of a case: each told once, none left out, and none after somebody accepted; a refusal begins anew. */
export function rungsOf(happenings: readonly Happened[]) {
  const faults: string[] = []
  const moments = new Set<string>()
  let [next, rungs, over] = [0, 0, false]
  for (const { act, recordedAt } of happenings) {
    if (act.what === 'refuse') next = 0
    if (act.what === 'accept') over = true
    if (act.what !== 'rung') continue
    // Repeats of the last rung that nobody was there to tell are told once.
    const isDue = act.rung === next || (next > LAST_RUNG && act.rung > next)
    if (!isDue || over) faults.push(`rung ${act.rung} where ${over ? 'none' : next} was due`)
    next = act.rung + 1
    rungs += 1
    moments.add(recordedAt)
  }
  return { rungs, alerts: moments.size, faults }
}

/** What the far sides were sent of a journey: each once by its number, byte for byte when repeated, in order. */
function delivered(world: JourneyWorld, n: number): readonly string[] {
  const faults: string[] = []
  const firsts = (destination: string): readonly Received[] => {
    const lines = world.receiver(destination).ledger.filter(({ bytes }) => about(bytes, n))
    return lines.filter(({ controlId, crc }, i) => {
      return lines.findIndex((other) => other.controlId === controlId && other.crc === crc) === i
    })
  }
  const answers = firsts('ch-haut-anjou/dpi').map(({ bytes }) => orc(bytes!)[1])
  if (answers.join() !== ANSWERS.join()) faults.push(`the hospital was told ${answers.join()}`)
  const asked = firsts('chu-angers/unv')
  if (asked.length !== 1) faults.push(`the first centre was asked ${asked.length} times`)
  const [bundle, ...tasks] = firsts('chu-nantes/unv').map(({ bytes }) => JSON.parse(bytes!.toString('utf8')))
  if (bundle?.resourceType === 'Task') faults.push('the second centre had the Task before the request')
  const others = tasks.filter(({ resourceType }) => resourceType !== 'Task')
  if (others.length > 0) faults.push(`the second centre was asked ${others.length + 1} times`)
  return [...faults, ...inOrder(tasks.map(({ businessStatus }) => businessStatus.coding[0].code))]
}

const WAY = ['requested', 'seen', 'accepted', 'advised', 'advice-read', 'decided', 'done']

function inOrder(states: readonly string[]): readonly string[] {
  const places = states.map((state) => WAY.indexOf(state))
  const sorted = places.every((place, i) => place >= (places[i - 1] ?? 0))
  return sorted && states.at(-1) === 'done' ? [] : [`its Task was sent as ${states.join()}`]
}
