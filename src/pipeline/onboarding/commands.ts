import type { Config } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal, NewEvent, Statement } from '../../core/journal.ts'
import type {
  Done,
  OnboardingCommands,
  OnboardingKey,
  OnboardingRules,
  OnboardingState,
  Probe,
  StepEntry,
  StepNote,
  StepRule,
} from '../../core/onboarding.ts'
import type { Clock } from '../../core/ports.ts'
import { factsOf, hindrance } from './checks.ts'
import {
  movedRow,
  type OnboardingRow,
  onboarding,
  onboardingEvent,
  onboardings,
  signaturesOf,
  stepRow,
  stepsOf,
} from './rows.ts'
import { bookResults, notesFor } from './views.ts'

/** Signatures of different people that a go-live needs. */
export const SIGNATURES = 2
/** What region.yaml takes as an id. */
const ID = /^[a-z0-9][a-z0-9-]{0,62}$/
const ADDRESS = /^[\w.:[\]-]{1,253}$/

/** What the acts need. */
export interface OnboardingActParts {
  readonly journal: Pick<Journal, 'read' | 'look' | 'apply'>
  readonly config: () => Config
  readonly rules: OnboardingRules
  readonly probe: Probe
  readonly clock: Clock
}

/** Who acts, on what. */
interface Act {
  readonly key: OnboardingKey
  readonly who: string
  readonly why: string | null
}

/** The acts of people on onboardings, each with its event in one commit. */
export function onboardingCommands(parts: OnboardingActParts): OnboardingCommands {
  const moving =
    (
      what: string,
      from: readonly OnboardingState[],
      to: (row: OnboardingRow) => Partial<OnboardingRow>,
      also: Also = none,
    ) =>
    (key: OnboardingKey, why: string, who: string) =>
      move(parts, { key, who, why }, { what, from, to, also })
  return {
    open: (key, name, who) => open(parts, key, name, who),
    save: (key, step, entry, finish, who) => save(parts, { key, who, why: null }, step, entry, finish),
    reopen: (key, step, who) => reopen(parts, { key, who, why: null }, step),
    test: (key, step, entry, who) => test(parts, { key, who, why: null }, step, entry),
    sign: (key, why, who) => sign(parts, { key, who, why }),
    withdraw: moving('withdraw', ['production'], () => ({ state: 'qualifying' }), unsigned),
    suspend: moving('suspend', ['to-connect', 'qualifying', 'production'], ({ state }) => ({
      state: 'suspended',
      earlier: state,
    })),
    resume: moving('resume', ['suspended'], ({ earlier }) => ({ state: earlier ?? 'qualifying', earlier: null })),
  }
}

type Also = (key: OnboardingKey) => readonly Statement[]
const none: Also = () => []
const unsigned: Also = ({ establishment, flow }) => [
  {
    sql: 'DELETE FROM onboarding_signature WHERE establishment = ? AND flow = ?',
    parameters: [establishment, flow],
  },
]

async function known({ journal }: OnboardingActParts, key: OnboardingKey): Promise<OnboardingRow> {
  const row = await onboarding(journal, key)
  if (row === null) throw new GatewayError('NOT_FOUND')
  return row
}

function ruleOf({ rules }: OnboardingActParts, step: string): StepRule {
  const rule = rules.steps.find(({ id }) => id === step)
  if (rule === undefined) throw new GatewayError('NOT_FOUND')
  return rule
}

async function open(parts: OnboardingActParts, key: OnboardingKey, name: string, who: string): Promise<Done> {
  const { journal, clock, config, rules } = parts
  const { establishment, flow } = key
  if (!rules.flows.some(({ id }) => id === flow)) throw new GatewayError('NOT_FOUND')
  const called = config().establishments.get(establishment)?.name ?? name.trim().slice(0, 200)
  if (!ID.test(establishment) || establishment === 'platform' || called === '') throw new GatewayError('BAD_REQUEST')
  const atMs = clock.nowMs()
  const row: Statement = {
    sql: `INSERT INTO onboarding (establishment, flow, name, state, earlier, opened_at_ms, moved_at_ms, version)
      VALUES (?, ?, ?, 'to-connect', NULL, ?, ?, 1) ON CONFLICT DO NOTHING`,
    parameters: [establishment, flow, called, atMs, atMs],
    rows: 1,
  }
  // Refused: somebody began it already, and that is what was wanted.
  await journal.apply({ rows: [row], events: [onboardingEvent('open', key, { who, why: null, atMs })] })
  return null
}

/** Writes rows under the next version of the onboarding, and of `held` where more rest on them. `overtaken`: somebody else was quicker. */
async function write(
  { journal }: OnboardingActParts,
  row: OnboardingRow,
  to: Partial<Pick<OnboardingRow, 'state' | 'earlier'>>,
  rows: readonly Statement[],
  event: NewEvent,
  held: readonly OnboardingRow[] = [row],
): Promise<Done> {
  const next = { state: to.state ?? row.state, earlier: to.earlier === undefined ? row.earlier : to.earlier }
  const moved = held.map((one) => movedRow(one, one.flow === row.flow ? next : one, event.atMs))
  const done = await journal.apply({ rows: [...moved, ...rows], events: [event] })
  return done ? null : 'overtaken'
}

interface Moving {
  readonly what: string
  readonly from: readonly OnboardingState[]
  readonly to: (row: OnboardingRow) => Partial<OnboardingRow>
  readonly also: Also
}

async function move(parts: OnboardingActParts, { key, who, why }: Act, moving: Moving): Promise<Done> {
  const row = await known(parts, key)
  if (!moving.from.includes(row.state)) return 'state'
  const event = onboardingEvent(moving.what, key, { who, why, atMs: parts.clock.nowMs() })
  return write(parts, row, moving.to(row), moving.also(key), event)
}

/** The step as it was, or as nobody has written it yet. */
async function noteBefore({ journal }: OnboardingActParts, key: OnboardingKey, step: string): Promise<StepNote> {
  const notes = notesFor(key, await stepsOf(journal, key.establishment))
  return (
    notes.find((note) => note.step === step) ??
    ({ step, state: 'open', owner: '', on: '', note: '', values: {}, facts: {}, who: '', atMs: 0 } as const)
  )
}

/** Onboardings that rest on a step, always in one order: a step that is done once for all flows is signed with each of them. */
async function restingOn(parts: OnboardingActParts, key: OnboardingKey, rule: StepRule) {
  const row = await known(parts, key)
  if (!rule.once) return { row, held: [row] }
  const all = await onboardings(parts.journal, [key.establishment])
  return { row, held: all.map((one) => (one.flow === key.flow ? row : one)) }
}

/** While one of them is in production or stands still, what was signed stays as it was. */
const writable = (held: readonly OnboardingRow[]): boolean =>
  held.every(({ state }) => state === 'to-connect' || state === 'qualifying')

async function save(
  parts: OnboardingActParts,
  { key, who, why }: Act,
  step: string,
  entry: StepEntry,
  finish: boolean,
): Promise<Done> {
  const rule = ruleOf(parts, step)
  const { row, held } = await restingOn(parts, key, rule)
  const before = await noteBefore(parts, key, step)
  if (!writable(held) || before.state === 'done' || rule.check === 'sign') return 'state'
  const seeing = { establishment: key.establishment, config: parts.config(), before: before.facts }
  const seen = factsOf(rule, entry, seeing)
  if (seen.wrong !== null) return seen.wrong
  const atMs = parts.clock.nowMs()
  const { cases } = rule.check === 'test-book' ? await bookResults(row, parts) : { cases: [] }
  const results = Object.fromEntries(cases.map(({ id, result, trial }) => [id, `${result} ${trial?.id ?? ''}`.trim()]))
  const facts = rule.check === 'test-book' ? results : forAddress(rule, before, entry, seen.facts)
  const lacking = finish ? hindrance(rule, entry, facts, { cases, nowMs: atMs }) : null
  const done = finish && lacking === null
  const note: StepNote = { ...entry, values: kept(rule, entry), step, state: done ? 'done' : 'open', facts, who, atMs }
  const state = done && rule.qualifies && row.state === 'to-connect' ? 'qualifying' : row.state
  const event = onboardingEvent('step', key, { who, why, atMs, more: `${step} ${done ? 'done' : 'written'}` })
  return (await write(parts, row, { state }, [stepRow(key, rule, note)], event, held)) ?? lacking
}

/** What a test showed holds for the address it was made with. */
function forAddress(
  rule: StepRule,
  before: StepNote,
  { values }: StepEntry,
  facts: StepNote['facts'],
): StepNote['facts'] {
  if (rule.check !== 'network') return facts
  return rule.fields.every(({ id }) => (before.values[id] ?? '') === (values[id] ?? '')) ? facts : {}
}

/** The text of a certificate is not kept: what it says is. */
function kept({ fields }: StepRule, { values }: StepEntry): Readonly<Record<string, string>> {
  const own = fields.filter(({ type }) => type !== 'certificate')
  return Object.fromEntries(own.flatMap(({ id }) => (values[id] ? [[id, values[id]] as const] : [])))
}

async function reopen(parts: OnboardingActParts, { key, who, why }: Act, step: string): Promise<Done> {
  const rule = ruleOf(parts, step)
  const { row, held } = await restingOn(parts, key, rule)
  const before = await noteBefore(parts, key, step)
  if (!writable(held) || before.state !== 'done') return 'state'
  const atMs = parts.clock.nowMs()
  const note: StepNote = { ...before, state: 'open', who, atMs }
  const event = onboardingEvent('step', key, { who, why, atMs, more: `${step} reopened` })
  const fallen = held.flatMap(unsigned)
  return write(parts, row, {}, [stepRow(key, rule, note), ...fallen], event, held)
}

async function test(parts: OnboardingActParts, { key, who, why }: Act, step: string, entry: StepEntry): Promise<Done> {
  const rule = ruleOf(parts, step)
  const { row, held } = await restingOn(parts, key, rule)
  const before = await noteBefore(parts, key, step)
  if (!writable(held) || before.state === 'done' || rule.check !== 'network') return 'state'
  const { host = '', port = '', secure = '' } = entry.values
  const number = Number(port)
  if (!ADDRESS.test(host) || !Number.isInteger(number) || number < 1 || number > 65_535) return 'fields'
  const atMs = parts.clock.nowMs()
  // Noted before anything leaves: an attempt that the process does not survive is known of too.
  await parts.journal.apply({ events: [onboardingEvent('test', key, { who, why, atMs, more: step })] })
  const reached = await parts.probe({ host, port: number, secure: secure === 'tls' })
  const note: StepNote = {
    ...entry,
    values: kept(rule, entry),
    step,
    state: 'open',
    facts: { step: reached, at: new Date(atMs).toISOString() },
    who,
    atMs,
  }
  const event = onboardingEvent('tested', key, { who, why, atMs: parts.clock.nowMs(), more: `${step} ${reached}` })
  return write(parts, row, {}, [stepRow(key, rule, note)], event, held)
}

async function sign(parts: OnboardingActParts, { key, who, why }: Act): Promise<Done> {
  const { journal, rules, clock } = parts
  const row = await known(parts, key)
  if (row.state !== 'qualifying') return 'state'
  const notes = notesFor(key, await stepsOf(journal, key.establishment))
  const open = rules.steps.some(
    ({ id, optional, check }) =>
      !optional && check !== 'sign' && !notes.some(({ step, state }) => step === id && state === 'done'),
  )
  if (open) return 'steps-open'
  const before = await signaturesOf(journal, key)
  if (before.some((one) => one.who === who)) return 'signed-already'
  const atMs = clock.nowMs()
  const live = before.length + 1 >= SIGNATURES
  const signature: Statement = {
    sql: 'INSERT INTO onboarding_signature (establishment, flow, who, why, at_ms) VALUES (?, ?, ?, ?, ?)',
    parameters: [key.establishment, key.flow, who, why, atMs],
    rows: 1,
  }
  const event = onboardingEvent(live ? 'live' : 'sign', key, { who, why, atMs })
  return write(parts, row, live ? { state: 'production' } : {}, [signature], event)
}
