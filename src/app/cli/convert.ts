import { createHash } from 'node:crypto'
import type { ErrorCode } from '../../core/errors.ts'
import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import type { Finding } from '../../core/message.ts'
import { type Format, type Mapping, toFhir, toHl7 } from '../../formats/bridge/bridge.ts'
import type { BridgeContext, Party } from '../../formats/bridge/context.ts'
import type { Loss } from '../../formats/bridge/conversion.ts'
import { partOf } from '../../formats/bridge/parts.ts'
import { hasPlace } from '../../formats/bridge/unread.ts'
import { isTest } from '../../formats/fhir/facts.ts'
import { isObject, type JsonObject, parseStrict } from '../../formats/fhir/json.ts'
import { DEFAULT_CHARSET, type Hl7Message, readMessage } from '../../formats/hl7v2/message.ts'
import { type Call, type Command, ProblemError, plain, text, UsageError } from './command.ts'
import { bytesIn } from './input.ts'
import { withCarriageReturns } from './send.ts'

/** What the file holds. */
type Source =
  | { readonly format: 'hl7v2'; readonly message: Hl7Message }
  | { readonly format: 'fhir'; readonly resource: JsonObject }

/** What came of it, in the words of the output for programs. */
interface Report {
  readonly to: Format
  readonly mapping: string | null
  /** FHIR as JSON, HL7 v2 as text with one segment a line; null: not converted. */
  readonly made: JsonObject | string | null
  readonly code: string | null
  readonly at: string | null
  readonly findings: readonly Finding[]
  /** Of what a round trip by this mapping loses, what concerns this message. */
  readonly losses: readonly Loss[]
}

function sourceOf(bytes: Buffer): Source | null {
  const read = readMessage(withCarriageReturns(bytes), DEFAULT_CHARSET)
  if (read.ok) return { format: 'hl7v2', message: read.message }
  const json = parseStrict(bytes)
  return json.ok && isObject(json.value) ? { format: 'fhir', resource: json.value } : null
}

/** The message's own words stand for a region: MSH-4 is the sender, MSH-6 the receiver. */
function contextOf(source: Source, bytes: Buffer, nowMs: number): BridgeContext {
  const test = source.format === 'fhir' ? isTest(source.resource) : source.message.text('MSH-11') !== 'P'
  return {
    sender: party(source, 'MSH-4', 'PASSERELLE'),
    receiver: party(source, 'MSH-6', ''),
    key: createHash('sha256').update(bytes).digest('hex'),
    atMs: nowMs,
    timeZone: 'Europe/Paris',
    test,
    writing: { charset: 'UNICODE UTF-8' },
    tables: new Map(),
  }
}

function party(source: Source, path: string, application: string): Party {
  const part = source.format === 'hl7v2' ? partOf(source.message, path) : null
  const name = part?.(1) ?? ''
  const given = { namespace: name, id: part?.(2) ?? '', idType: part?.(3) ?? '' }
  const authority = given.id === '' ? { namespace: name, id: name || 'region', idType: 'L' } : given
  return { establishment: name || 'region', name, application, authority }
}

function convert(source: Source, context: BridgeContext): Report {
  const to: Format = source.format === 'hl7v2' ? 'fhir' : 'hl7v2'
  const converted = source.format === 'hl7v2' ? toFhir(source.message, context) : toHl7(source.resource, context)
  if (!converted.ok) {
    return { to, mapping: null, made: null, code: converted.code, at: converted.at, findings: [], losses: [] }
  }
  const { made, findings } = converted
  const text = made.bytes.toString('utf8')
  return {
    to,
    mapping: made.mapping.name,
    made: 'resource' in made ? made.resource : text.replaceAll('\r', '\n'),
    code: null,
    at: null,
    findings,
    losses: concerning(made.mapping, source),
  }
}

function concerning({ losses }: Mapping, source: Source): Loss[] {
  return losses.filter(({ from, at }) => from === source.format && hasPlace(source, at))
}

function show(report: Report, call: Call): void {
  const { made, findings, losses } = report
  if (call.json) {
    call.io.out(`${JSON.stringify(report)}\n`)
    return
  }
  const help = call.language === 'fr' ? HELP_FR : HELP_EN
  if (made !== null) call.io.out(typeof made === 'string' ? made : `${JSON.stringify(made, null, 2)}\n`)
  for (const { code, at = '' } of findings) call.io.err(`${code}${at === '' ? '' : ` ${plain(at)}`}: ${help[code]}\n`)
  const lost = { en: 'may be lost', fr: 'peut se perdre' }[call.language]
  for (const { at, what } of losses) call.io.err(`${plain(at)} ${lost}: ${what}\n`)
}

/** `convert`: one message in the other format, with what was lost on the way. */
export const convertCommand: Command = {
  name: 'convert',
  positionals: ['FILE'],
  summary: {
    en: 'converts a message from HL7 v2 to FHIR, or from FHIR to HL7 v2',
    fr: 'convertit un message HL7 v2 en FHIR, ou FHIR en HL7 v2',
  },
  options: {
    to: {
      type: 'string',
      value: 'FORMAT',
      help: { en: 'fhir or hl7v2 (default: the other one)', fr: "fhir ou hl7v2 (défaut : l'autre)" },
    },
  },
  async run(call) {
    const to = text(call, 'to')
    if (to !== undefined && to !== 'fhir' && to !== 'hl7v2') {
      throw new UsageError({ en: '--to is fhir or hl7v2.', fr: '--to vaut fhir ou hl7v2.' }[call.language])
    }
    const path = call.positionals[0] ?? ''
    const bytes = await bytesIn(path, call)
    const source = sourceOf(bytes)
    if (source === null || source.format === to) {
      throw new ProblemError(
        {
          en: `${plain(path)} is ${source === null ? 'neither HL7 v2 nor JSON' : `${to} already`}.`,
          fr: `${plain(path)} ${source === null ? "n'est ni HL7 v2 ni JSON" : `est déjà en ${to}`}.`,
        }[call.language],
      )
    }
    const report = convert(source, contextOf(source, bytes, Date.now()))
    show(report, call)
    if (report.code !== null && !call.json) {
      const help = (call.language === 'fr' ? HELP_FR : HELP_EN)[report.code as keyof typeof HELP_EN]
      throw new ProblemError(
        `${report.code}${report.at ? ` ${plain(report.at)}` : ''}: ${help}`,
        report.code as ErrorCode,
      )
    }
    return report.code === null ? 0 : 1
  },
}
