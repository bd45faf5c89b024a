/** What the doors would make of an arrival, without anything being kept. */
import type { Intake, Refused } from '../../core/journal.ts'
import { type Arrival, type Finding, isReceipt } from '../../core/message.ts'
import type { Log, Meter } from '../../core/ports.ts'
import type { Examined, ExaminedMessage } from '../../core/self-check.ts'
import { type AcceptParts, accept } from '../accept.ts'
import { rehearsalJournal } from '../journal/rehearsal.ts'

/** What the doors would make of an arrival. */
export interface DoorAnswer {
  readonly answer: Exclude<Examined['answer'], null>
  readonly refused: Examined['refused']
  /** What would have been committed, as far as an establishment sent it. */
  readonly intakes: readonly Intake[]
}

/** Accepts over a journal that keeps nothing. */
export async function judged(arrival: Arrival, parts: AcceptParts): Promise<DoorAnswer> {
  const intakes: Intake[] = []
  const refusals: Refused[] = []
  const journal = rehearsalJournal(parts.journal, {
    earlier: async () => null,
    hash: () => '',
    take: async (intake, _again, others) => void intakes.push(intake, ...others.filter(isOwn)),
    refuse: (refused) => void refusals.push(refused),
  })
  const { config, closed, definitions, clock, ids } = parts
  const quiet = { journal, config, closed, clock, ids, log: SILENT, meter: UNCOUNTED }
  const said = await accept(arrival, definitions === undefined ? quiet : { ...quiet, definitions })
  const [first] = refusals
  if (!isReceipt(said) && intakes.length === 0) {
    return { answer: 'refused', refused: { code: first?.code ?? said.code, at: first?.at ?? null }, intakes }
  }
  const parked = intakes.some(({ deliveries }) => deliveries.some(({ state }) => state === 'poisoned'))
  return { answer: parked ? 'parked' : 'taken', refused: null, intakes }
}

function isOwn({ establishment, entrance }: Intake): boolean {
  return establishment !== null && entrance !== 'internal'
}

/** What is told of a message. */
export function messageOf({ kind, application, profiles = [], findings }: Intake): ExaminedMessage {
  return { kind, application, profiles, findings: graveFirst(findings) }
}

const GRAVITY = { safety: 0, contract: 1, form: 2 } as const

/** The gravest first; else as they were found. Pure. */
export function graveFirst(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => GRAVITY[a.class] - GRAVITY[b.class])
}

/** Nothing of it is written anywhere. */
const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} }
const UNCOUNTED: Meter = { count: () => {}, observe: () => {} }
