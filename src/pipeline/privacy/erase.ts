import { createHash } from 'node:crypto'
import { GatewayError } from '../../core/errors.ts'
import type { NewEvent, Statement } from '../../core/journal.ts'
import type { ErasePlan, KeptCase, PatientErased, PatientIdentifiers } from '../../core/privacy.ts'
import { aboutPatients } from '../../formats/audit/record.ts'
import { ABOUT_PATIENTS } from '../audit/looks.ts'
import { type Named, pseudonymsOf } from '../audit/pseudonyms.ts'
import { barsOf } from './bars.ts'
import { bearing, factsAbout, inParts, type KeptOfPatient, keptOf } from './kept.ts'
import type { PrivacyParts } from './privacy.ts'
import { unregister } from './registered.ts'

const LOOKS = ABOUT_PATIENTS.map((what) => `'${what}'`).join(', ')
/** Messages erased in one commit: some 20 ms on the embedded store. */
const SLICE = 200

/** An erasure as it would be done now. */
interface Planned {
  readonly kept: KeptOfPatient
  readonly cases: readonly KeptCase[]
  /** Search keys that nobody bears any more afterwards. */
  readonly keys: readonly string[]
  /** Their names in the audit. */
  readonly links: Named
  readonly names: readonly string[]
  readonly plan: ErasePlan
}

async function planned(parts: PrivacyParts, patient: PatientIdentifiers): Promise<Planned> {
  const { journal, config } = parts
  const kept = await keptOf(journal, patient)
  const cases = await parts.cases.find(kept.keys)
  const ids = kept.messages.map(({ id }) => id)
  const keys = await keysThatGo(parts, kept, cases)
  const links = await pseudonymsOf(journal, keys)
  const names = [...links.values()]
  const counted = async (values: readonly string[] | readonly number[], question: (places: string) => string) =>
    (await inParts<{ n: number }>(journal, values, question)).reduce((sum, { n }) => sum + Number(n), 0)
  const events = await counted(names, (p) => `SELECT count(*) AS n FROM audit_patient WHERE patient IN (${p})`)
  const seqs = kept.messages.map(({ seq }) => seq)
  const deliveries = await counted(seqs, (p) => `SELECT count(*) AS n FROM delivery WHERE message_seq IN (${p})`)
  const resources = await counted(ids, (p) => `SELECT count(*) AS n FROM resource WHERE message IN (${p})`)
  const [refused] = await journal.read<{ n: number }>({ sql: 'SELECT count(*) AS n FROM refusal', parameters: [] })
  const known = new Set(kept.keys)
  const others = kept.messages.filter(
    ({ patient_keys, as }) => as === 'batch' || (JSON.parse(patient_keys) as string[]).some((key) => !known.has(key)),
  )
  const plan: ErasePlan = {
    bars: barsOf(kept, cases, config().privacy?.holds ?? []),
    goes: {
      messages: ids.length,
      bytes: kept.messages.reduce((sum, { bytes }) => sum + bytes, 0),
      deliveries,
      resources,
      names: names.length,
      registrations: kept.registered.length,
      cases: cases.length,
    },
    stays: { events, refused: Number(refused?.n) },
    shared: others.length,
    mark: createHash('sha256')
      .update(
        JSON.stringify([kept.keys, ids, kept.registered.map((one) => one.patient_key), cases.map((one) => one.id)]),
      )
      .digest('base64url'),
  }
  return { kept, cases, keys, links, names, plan }
}

/** The patient's own keys, and those along with them, of messages and cases, that no other message bears. */
async function keysThatGo(
  { journal }: PrivacyParts,
  { keys, messages }: KeptOfPatient,
  cases: readonly KeptCase[],
): Promise<readonly string[]> {
  const going = new Set(messages.map(({ seq }) => seq))
  const ofMessages = messages.flatMap(({ patient_keys }) => JSON.parse(patient_keys) as string[])
  const along = new Set([...ofMessages, ...cases.flatMap((one) => one.keys)])
  const lonely: string[] = []
  for (const key of along) {
    if (keys.includes(key)) continue
    const bearers = await bearing(journal, key, going.size + 1)
    if (bearers.every((seq) => going.has(seq))) lonely.push(key)
  }
  return [...keys, ...lonely]
}

/** What an erasure would do, and what stands in its way. */
export async function planErasure(parts: PrivacyParts, patient: PatientIdentifiers): Promise<ErasePlan> {
  return (await planned(parts, patient)).plan
}

/**
 * Erases what the plan with this mark says, some hundred messages at a time, what leads to others last; a link to the audit goes
 * with the last message that leads to it. So what a crash leaves is found by the next plan. @throws {GatewayError} ERASE_CHANGED, ERASE_BARRED */
export async function erasePatient(
  parts: PrivacyParts,
  patient: PatientIdentifiers,
  mark: string,
  said: Pick<NewEvent, 'who' | 'why'>,
): Promise<PatientErased> {
  const { journal, clock } = parts
  const { kept, cases, keys, links, names, plan } = await planned(parts, patient)
  if (plan.bars.length > 0) throw new GatewayError('ERASE_BARRED')
  if (plan.mark !== mark) throw new GatewayError('ERASE_CHANGED')
  const { leading } = kept
  const leaves = leavingOf(kept, keys)
  const done = { messages: 0, bytes: 0, resources: 0, cases: cases.length }
  const start = Math.floor(Math.max(0, leading.length - 1) / SLICE) * SLICE
  for (let at = start; at >= 0; at -= SLICE) {
    const messages = leading.slice(at, at + SLICE)
    // What no message leads to goes with the cases.
    const gone = keys.filter((key) => Math.min(start, Math.floor(leaves.get(key)! / SLICE) * SLICE) === at)
    const event: NewEvent = {
      ...said,
      atMs: clock.nowMs(),
      what: 'erase-patient',
      code: null,
      message: null,
      delivery: null,
      detail: aboutPatients(names, factsAbout(messages.length, at === start ? cases.length : 0)),
    }
    // First what the messages lead to: a crash leaves no registration or case that nobody would find any more.
    const first = at === start ? [...unregister(kept.registered), ...cases.flatMap(parts.cases.forget)] : []
    const rows = [...first, ...forget(gone, links)]
    const erased = await journal.erase({ messages, rows, events: [event] })
    // One of them was sent again since it was looked at.
    if (erased === null) throw new GatewayError('ERASE_CHANGED')
    done.messages += erased.messages
    done.bytes += erased.bytes
    done.resources += erased.resources
  }
  return done
}

/** The first place among `leading` of a message that bears the key, which is erased last. The patient's own keys: 0. */
function leavingOf({ keys: own, messages, leading }: KeptOfPatient, keys: readonly string[]): Map<string, number> {
  const places = new Map(leading.map((id, place) => [id, place]))
  const leaves = new Map(keys.map((key) => [key, own.includes(key) ? 0 : Number.POSITIVE_INFINITY]))
  for (const { id, patient_keys } of messages) {
    for (const key of JSON.parse(patient_keys) as string[]) {
      const before = leaves.get(key)
      if (before !== undefined) leaves.set(key, Math.min(before, places.get(id)!))
    }
  }
  return leaves
}

/**
 * Takes away what leads from the patient to the audit: the links, and the keys in events of looks (looks.ts), whether they
 * are in the tree already or are about to be. */
function forget(keys: readonly string[], links: Named): readonly Statement[] {
  const waiting = keys.map((key) => ({
    sql: `UPDATE event SET detail = replace(detail, ?, '') WHERE what IN (${LOOKS})
      AND seq > (SELECT coalesce(max(event_seq), 0) FROM audit_leaf)`,
    parameters: [`${key} `],
  }))
  const linked = keys.flatMap((key) => {
    const name = links.get(key)
    if (name === undefined) return []
    const unnamed = `UPDATE event SET detail = replace(detail, ?, '') WHERE what IN (${LOOKS}) AND seq IN (
      SELECT l.event_seq FROM audit_patient p JOIN audit_leaf l ON l.n = p.n WHERE p.patient = ?)`
    return [
      { sql: 'DELETE FROM patient_pseudonym WHERE search_key = ?', parameters: [key] },
      { sql: unnamed, parameters: [`${key} `, name] },
    ]
  })
  return [...waiting, ...linked]
}
