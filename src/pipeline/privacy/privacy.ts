import type { Config } from '../../core/config.ts'
import type { Journal, NewEvent } from '../../core/journal.ts'
import type { Clock } from '../../core/ports.ts'
import type { CasesOfPatients, KeptCase, KeptMessage, PatientFound, PrivacyCommands } from '../../core/privacy.ts'
import { aboutPatients } from '../../formats/audit/record.ts'
import { pseudonymsFor } from '../audit/pseudonyms.ts'
import { isoTime } from '../views/list.ts'
import { erasePatient, planErasure } from './erase.ts'
import { exportLines } from './export.ts'
import { factsAbout, inParts, type Kept, type KeptOfPatient, keptOf } from './kept.ts'
import { retentionRows } from './retention-rows.ts'

/** What the rights of a patient are given from. */
export interface PrivacyParts {
  readonly journal: Journal
  readonly config: () => Config
  readonly clock: Clock
  readonly cases: CasesOfPatients
}

const SHOWN = 200
/** Between two tries to keep an event whose names were made by somebody else meanwhile. */
const TRIES = 5

/** The rights of a patient over a journal. */
export function privacyCommands(parts: PrivacyParts): PrivacyCommands {
  const { journal, config } = parts
  return {
    async find(patient, who, why) {
      const kept = await keptOf(journal, patient)
      const cases = await parts.cases.find(kept.keys)
      const names = await noted(parts, kept, cases, { who, why, what: 'find-patient' })
      return found(parts, kept, cases, names)
    },
    async export(patient, { who, why, progress = () => {} }) {
      const kept = await keptOf(journal, patient)
      const cases = await parts.cases.find(kept.keys)
      const names = await noted(parts, kept, cases, { who, why, what: 'export-patient' })
      const head = { passerelle: 'patient-export', version: 1, at: isoTime(parts.clock.nowMs()), names }
      return exportLines(parts, kept, cases, { ...head, region: config().region.name, by: who, why }, progress)
    },
    async plan(patient, who, why) {
      const kept = await keptOf(journal, patient)
      await noted(parts, kept, await parts.cases.find(kept.keys), { who, why, what: 'plan-erasure' })
      return planErasure(parts, patient)
    },
    erase: (patient, mark, who, why) => erasePatient(parts, patient, mark, { who, why }),
    retention: () => retentionRows(journal, config()),
  }
}

/** Keeps that somebody looked, by the patient's names in the audit, and resolves with them; of nobody, nobody is named. */
async function noted(
  { journal, clock }: PrivacyParts,
  { marks, messages, registered }: KeptOfPatient,
  cases: readonly KeptCase[],
  said: Pick<NewEvent, 'who' | 'why' | 'what'>,
): Promise<readonly string[]> {
  for (let tries = 1; ; tries += 1) {
    const { names, rows } = await pseudonymsFor(
      journal,
      messages.length + registered.length + cases.length === 0 ? [] : marks,
    )
    const list = [...names.values()]
    const detail = aboutPatients(list, factsAbout(messages.length, cases.length))
    const event: NewEvent = { ...said, atMs: clock.nowMs(), code: null, message: null, delivery: null, detail }
    if (await journal.apply({ rows, events: [event] })) return list
    if (tries === TRIES) throw new Error('names of patients keep being made elsewhere')
  }
}

async function found(
  { journal }: PrivacyParts,
  kept: KeptOfPatient,
  cases: readonly KeptCase[],
  names: readonly string[],
) {
  const { marks, messages, registered } = kept
  const open = cases.filter(({ closedAtMs }) => closedAtMs === null).length
  const count = (state: Kept['state']) => messages.filter((one) => one.state === state).length
  const resources = await inParts<{ type: string; n: number }>(
    journal,
    messages.map(({ id }) => id),
    (places) => `SELECT type, count(*) AS n FROM resource WHERE message IN (${places}) GROUP BY type`,
  )
  const deliveries = await inParts<PatientFound['deliveries'][number]>(
    journal,
    messages.map(({ seq }) => seq),
    (places) => `SELECT destination, state, count(*) AS n FROM delivery WHERE message_seq IN (${places})
      GROUP BY destination, state`,
  )
  const answer: PatientFound = {
    marks,
    names,
    messages: messages.length,
    bytes: messages.reduce((sum, { bytes }) => sum + bytes, 0),
    states: { closed: count('closed'), inFlight: count('inFlight'), parked: count('parked') },
    resources: [...summed(resources, ({ type }) => type).values()],
    deliveries: [...summed(deliveries, ({ destination, state }) => `${destination} ${state}`).values()],
    cases: open,
    closedCases: cases.length - open,
    registrations: registered.length,
    newest: messages.slice(-SHOWN).toReversed().map(shown),
  }
  return answer
}

/** Counts that were asked for in parts, put together. */
function summed<Row extends { readonly n: number }>(rows: readonly Row[], by: (row: Row) => string): Map<string, Row> {
  const sums = new Map<string, Row>()
  for (const row of rows) sums.set(by(row), { ...row, n: Number(row.n) + (sums.get(by(row))?.n ?? 0) })
  return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function shown({ id, received_at_ms, establishment, kind, bytes, state, as }: Kept): KeptMessage {
  return { id, receivedAt: isoTime(received_at_ms), from: establishment, kind, bytes, state, as }
}
