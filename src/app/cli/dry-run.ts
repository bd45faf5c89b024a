import type { Config, Edit } from '../../core/config.ts'
import { codeOf, type ErrorCode } from '../../core/errors.ts'
import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import type { Finding, Lane } from '../../core/message.ts'
import { decodeText } from '../../formats/hl7v2/charset.ts'
import { applyEdits, editsInOrder } from '../../formats/hl7v2/edit.ts'
import { readMessage } from '../../formats/hl7v2/message.ts'
import { defaultCharset } from '../../pipeline/edit.ts'
import { readArrival, routeFacts } from '../../pipeline/reading.ts'
import { plan } from '../../pipeline/route.ts'
import { withoutWithheld } from '../../pipeline/withheld.ts'
import { type CliLanguage, plain } from './command.ts'

/** One place that an edit changes. `after` null: it is gone. Content: for the person's own terminal only. */
export interface ChangedField {
  readonly verb: 'set' | 'copy' | 'map' | 'drop'
  readonly at: string
  readonly before: string | null
  readonly after: string | null
}

/** What would go to a destination. `failure`: the edits cannot be made, and what code the delivery would bear. */
export interface DryDelivery {
  readonly destination: string
  readonly route: string
  readonly lane: Lane
  readonly changes: readonly ChangedField[]
  readonly findings: readonly Finding[]
  readonly failure: ErrorCode | null
}

/** What would become of a message: refused with a code, or these deliveries. */
export type DryRun =
  | { readonly taken: false; readonly code: ErrorCode; readonly at: string | null }
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
  const reading = readArrival({ entrance: 'mllp', peer, receivedAtMs: atMs, bytes }, config)
  if (!reading.ok) return { taken: false, ...reading.problem }
  const { matched, planned, findings } = plan(routeFacts(reading), config)
  if (!matched) return { taken: false, code: 'NO_ROUTE', at: 'MSH-9' }
  if (planned.length === 0) return { taken: false, code: 'PROCESSING_ID', at: 'MSH-11' }
  return {
    taken: true,
    kind: reading.header.kind,
    controlId: reading.header.controlId,
    from: reading.establishment.id,
    deliveries: planned.map(({ destination, route, lane }) => {
      const edits = config.routes.find(({ name }) => name === route)?.edit ?? []
      return { destination, route, lane, ...edited(bytes, reading.withheld, edits, config) }
    }),
    findings: [...reading.findings, ...findings],
  }
}

/** What is withheld, then the edits one by one, each with what it changes. */
function edited(
  bytes: Buffer,
  withheld: string | null,
  edits: readonly Edit[],
  config: Config,
): Pick<DryDelivery, 'changes' | 'findings' | 'failure'> {
  const charset = defaultCharset(bytes, config)
  let now = withoutWithheld(bytes, withheld)
  const changes: ChangedField[] = now === bytes ? [] : identifiersLess(bytes, now, charset)
  const findings: Finding[] = []
  try {
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
    return { changes, findings, failure: codeOf(fault) }
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
  en: { from: 'from', route: 'route', lane: 'lane', same: 'the bytes as they came', none: '(nothing)' },
  fr: { from: 'de', route: 'route', lane: 'file', same: 'les octets tels quels', none: '(rien)' },
} as const

/** A dry run for a person: each destination, and its fields before → after. */
export function dryRunText(run: DryRun, language: CliLanguage, colours: boolean): string {
  const words = WORDS[language]
  const help = language === 'fr' ? HELP_FR : HELP_EN
  const painted = (value: string | null, colour: number): string => {
    const text = value === null ? words.none : plain(value)
    return colours ? `\u001b[${colour}m${text}\u001b[0m` : text
  }
  const told = ({ code, at }: { readonly code: ErrorCode; readonly at?: string | null | undefined }): string =>
    `${code}${at == null ? '' : ` ${plain(at)}`}: ${help[code]}`
  if (!run.taken) return `${told(run)}\n`
  const lines = [`${plain(`${run.kind} ${run.controlId}`)} ${words.from} ${run.from}`]
  lines.push(...run.findings.map((finding) => `  ${told(finding)}`))
  for (const { destination, route, lane, changes, findings, failure } of run.deliveries) {
    lines.push('', `${destination}  ${words.route} ${plain(route)}, ${words.lane} ${lane}`)
    for (const { verb, at, before, after } of changes) {
      lines.push(`  ${verb.padEnd(4)} ${at.padEnd(12)} ${painted(before, RED)} → ${painted(after, GREEN)}`)
    }
    if (changes.length === 0 && failure === null) lines.push(`  ${words.same}`)
    lines.push(...findings.map((finding) => `  ${told(finding)}`))
    if (failure !== null) lines.push(`  ${told({ code: failure })}`)
  }
  return `${lines.join('\n')}\n`
}
