import type { Config, Edit, Hl7Rules } from '../../core/config.ts'
import { codeOf, type ErrorCode } from '../../core/errors.ts'
import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import { type DestinationId, type Finding, type Lane, PLATFORM } from '../../core/message.ts'
import { decodeText } from '../../formats/hl7v2/charset.ts'
import { applyEdits, editsInOrder } from '../../formats/hl7v2/edit.ts'
import { readMessage } from '../../formats/hl7v2/message.ts'
import { profilesOf } from '../../formats/hl7v2/rules/compile.ts'
import { ruleSentence } from '../../formats/hl7v2/rules/texts.ts'
import { withDocumentsAtOnce } from '../../pipeline/documents.ts'
import { namedCharset } from '../../pipeline/edit.ts'
import { judgeFindings } from '../../pipeline/findings.ts'
import { type Problem, readArrival, routeFacts } from '../../pipeline/reading.ts'
import { plan } from '../../pipeline/route.ts'
import { type Changed, converts, inCharsetOf, type Journey, transformed } from '../../pipeline/transform.ts'
import { withoutWithheld } from '../../pipeline/withheld.ts'
import { type CliLanguage, plain } from './command.ts'

/** One place that an edit changes. `after` null: it is gone. Content: for the person's own terminal only. */
export interface ChangedField {
  readonly verb: 'set' | 'copy' | 'map' | 'drop'
  readonly at: string
  readonly before: string | null
  readonly after: string | null
}

/** What would go to a destination. `failure`: it cannot be made, and what code the delivery would bear. */
export interface DryDelivery {
  readonly destination: string
  readonly route: string
  readonly lane: Lane
  /** What the route's transform makes of it, as text; null: it has none. */
  readonly transformed: string | null
  readonly changes: readonly ChangedField[]
  readonly findings: readonly Finding[]
  readonly failure: ErrorCode | null
  /** Which edit it is, and why; absent: none. */
  readonly why?: string
}

type Made = Pick<DryDelivery, 'transformed' | 'changes' | 'findings' | 'failure' | 'why'>

/** What would become of a message: refused with a code, or these deliveries. */
export type DryRun =
  | ({ readonly taken: false } & Problem)
  | {
      readonly taken: true
      readonly kind: string
      readonly controlId: string
      readonly from: string
      readonly deliveries: readonly DryDelivery[]
      readonly findings: readonly Finding[]
    }

/**
 * What this configuration would do with a message that comes over plain MLLP from this machine: read, routed and edited as
 * it would be, with nothing kept or sent. Pure but for the reading of the time. */
export function dryRun(bytes: Buffer, config: Config, atMs: number): DryRun {
  const peer = { address: '', loopback: true, establishment: null, destination: null }
  const read = readArrival({ entrance: 'mllp', peer, receivedAtMs: atMs, bytes }, config)
  if (!read.ok) return { taken: false, ...read.problem }
  const reading = withDocumentsAtOnce(read)
  const { matched, planned, findings } = plan(routeFacts(reading), config)
  if (!matched) return { taken: false, code: 'NO_ROUTE', at: 'MSH-9' }
  if (planned.length === 0) return { taken: false, code: 'PROCESSING_ID', at: 'MSH-11' }
  const urgent = planned.some(({ lane }) => lane === 'urgent')
  const { problem } = judgeFindings(reading.findings, reading.establishment, urgent)
  if (problem !== null) return { taken: false, ...problem }
  return {
    taken: true,
    kind: reading.header.kind,
    controlId: reading.header.controlId,
    from: reading.establishment.id,
    deliveries: planned.map(({ destination, route, lane }) => {
      const rule = config.routes.find(({ name }) => name === route) ?? null
      const { kind } = reading.header
      const left = withoutWithheld(bytes, reading.withheld)
      const made = converts(rule, null)
        ? converted(left, kind, { config, destination, key: '', atMs, sender: reading.establishment.id })
        : { transformed: null, ...edited(bytes, left, rule?.edit ?? [], config, destination) }
      return { destination, route, lane, ...made }
    }),
    findings: [...reading.findings, ...findings],
  }
}

/** What the transform makes of the message: FHIR, indented. */
function converted(bytes: Buffer, kind: string, journey: Journey): Made {
  const made = transformed({ bytes, ask: null, kind }, 'fhir', journey)
  if (!made.ok)
    return {
      transformed: null,
      changes: [],
      findings: [{ code: made.code, class: 'contract', at: made.at }],
      failure: made.code,
    }
  const text = JSON.stringify(JSON.parse(made.leaving.bytes.toString('utf8')), null, 2)
  return { transformed: text, changes: [], findings: made.findings, failure: null }
}

/** The message in the character set of the destination, where it names one. */
function inItsCharset(bytes: Buffer, config: Config, destination: DestinationId, charset: string): Changed | null {
  const way = destination === PLATFORM ? undefined : config.destinations.get(destination)
  return way === undefined ? null : inCharsetOf(way, { bytes, ask: null, kind: '' }, charset)
}

/** What is withheld, then the edits one by one, each with what it changes. */
function edited(
  bytes: Buffer,
  left: Buffer,
  edits: readonly Edit[],
  config: Config,
  destination: DestinationId,
): Omit<Made, 'transformed'> {
  const charset = namedCharset(bytes, config) ?? 'ASCII'
  const changes: ChangedField[] = left === bytes ? [] : identifiersLess(bytes, left, charset)
  const findings: Finding[] = []
  try {
    const recoded = inItsCharset(left, config, destination, charset)
    if (recoded?.ok === false) return { changes, findings, failure: recoded.code }
    findings.push(...(recoded?.findings ?? []))
    let now = recoded?.leaving.bytes ?? left
    for (const edit of editsInOrder(edits)) {
      const next = applyEdits(now, [edit], config.maps, charset)
      for (const at of next.changed) {
        const after = 'drop' in edit ? null : textAt(next.bytes, at, charset)
        changes.push({ verb: verbOf(edit), at, before: textAt(now, at, charset), after })
      }
      findings.push(...next.findings)
      now = next.bytes
    }
    return { changes, findings, failure: null }
  } catch (fault) {
    const code = codeOf(fault)
    return { changes, findings, failure: code, ...(code === 'EDIT_FAILED' ? { why: (fault as Error).message } : {}) }
  }
}

/** The fields of identifiers that lost something. */
function identifiersLess(bytes: Buffer, now: Buffer, charset: string): ChangedField[] {
  const places = Array.from({ length: MOST_PATIENTS }, (_, i) =>
    ['PID-2', 'PID-3', 'PID-4', 'MRG-1'].map((at) => (i === 0 ? at : at.replace('-', `(${i + 1})-`))),
  )
  return places.flat().flatMap((at): ChangedField[] => {
    const before = textAt(bytes, at, charset)
    const after = textAt(now, at, charset)
    return before === after ? [] : [{ verb: 'drop', at, before, after }]
  })
}

/** Patients of one message that are shown. */
const MOST_PATIENTS = 10

function verbOf(edit: Edit): ChangedField['verb'] {
  if ('set' in edit) return 'set'
  if ('copy' in edit) return 'copy'
  return 'map' in edit ? 'map' : 'drop'
}

/** What stands at a place, or the whole of a segment, as text; null where there is nothing. */
function textAt(bytes: Buffer, at: string, charset: string): string | null {
  const read = readMessage(bytes, charset)
  if (!read.ok) return null
  const { message } = read
  if (at.includes('-')) {
    const raw = message.raw(at)
    return raw === null ? null : decodeText(raw, message.charset)
  }
  const { segmentIndex } = message
  const segment = segmentIndex.named(at.slice(0, 3))[Number(/\d+(?=\)$)/.exec(at.slice(3))?.[0] ?? 1) - 1]
  if (segment === undefined) return null
  return decodeText(bytes.subarray(segmentIndex.starts[segment], segmentIndex.ends[segment]), message.charset)
}

const RED = 31
const GREEN = 32
const WORDS = {
  en: {
    from: 'from',
    route: 'route',
    lane: 'lane',
    same: 'the bytes as they came',
    none: '(nothing)',
    text: 'the fields as they came',
  },
  fr: {
    from: 'de',
    route: 'route',
    lane: 'file',
    same: 'les octets tels quels',
    none: '(rien)',
    text: 'les champs tels quels',
  },
} as const

/** A dry run for a person: each destination, and its fields before → after. */
export function dryRunText(run: DryRun, language: CliLanguage, colours: boolean, rules?: Hl7Rules): string {
  const words = WORDS[language]
  const help = language === 'fr' ? HELP_FR : HELP_EN
  const painted = (value: string | null, colour: number): string => {
    const text = value === null ? words.none : plain(value)
    return colours ? `\u001b[${colour}m${text}\u001b[0m` : text
  }
  const told = ({
    code,
    at,
    finding,
  }: Pick<Problem, 'code' | 'finding'> & { at?: string | null | undefined }): string => {
    const sentence =
      finding === undefined || rules === undefined ? null : ruleSentence(finding, profilesOf(rules), language)
    const text = sentence === null ? help[code] : `${sentence.text} [${sentence.reference}]`
    return `${code}${at == null ? '' : ` ${plain(at)}`}: ${text}`
  }
  if (!run.taken) return [run, ...(run.also ?? [])].map((problem) => `${told(problem)}\n`).join('')
  const lines = [`${plain(`${run.kind} ${run.controlId}`)} ${words.from} ${run.from}`]
  lines.push(...run.findings.map((finding) => `  ${told({ ...finding, finding })}`))
  for (const { destination, route, lane, transformed: made, changes, findings, failure, why } of run.deliveries) {
    lines.push('', `${destination}  ${words.route} ${plain(route)}, ${words.lane} ${lane}`)
    for (const { verb, at, before, after } of changes) {
      lines.push(`  ${verb.padEnd(4)} ${at.padEnd(12)} ${painted(before, RED)} → ${painted(after, GREEN)}`)
    }
    const same = changes.length === 0 && made === null && failure === null
    if (same) lines.push(`  ${findings.length === 0 ? words.same : words.text}`)
    if (made !== null) lines.push(...made.split('\n').map((one) => `  ${plain(one)}`))
    lines.push(...findings.map((finding) => `  ${told(finding)}`))
    if (failure !== null) lines.push(`  ${told({ code: failure })}`)
    if (why !== undefined) lines.push(`    ${plain(why)}`)
  }
  return `${lines.join('\n')}\n`
}
