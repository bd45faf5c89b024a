import type { AckPolicy, Config } from '../core/config.ts'
import { HELP_EN } from '../core/help-en.ts'
import { HELP_FR } from '../core/help-fr.ts'
import type { Refusal } from '../core/message.ts'
import type { Ids } from '../core/ports.ts'
import { type AnswerError, acknowledgement, ackPolicyName, answerSource, refusalCode } from '../formats/hl7v2/answer.ts'
import type { Header } from '../formats/hl7v2/header.ts'
import { profilesOf } from '../formats/hl7v2/rules/compile.ts'
import { ruleSentence } from '../formats/hl7v2/rules/texts.ts'
import type { Problem } from './reading.ts'

/** The positive answers of a message, still to be released by a receipt. */
export interface Positive {
  /** Original mode: AA. Enhanced: CA, or null when MSH-15 asks for none. */
  readonly answer: Buffer | null
  /** Enhanced: AA, or null when MSH-16 asks for none. */
  readonly application: Buffer | null
}

/** When and where an answer is made. `charset`: HL7 name assumed where MSH-18 is empty; absent: the French default. */
export interface AnswerParts {
  readonly charset?: string | undefined
  readonly config: Config
  readonly ids: Ids
  readonly nowMs: number
}

/** MSH-15/16 (table 0155): is an answer asked for? An empty field of the enhanced mode asks for none. */
function asked(condition: string, positive: boolean): boolean {
  return condition === 'AL' || condition === (positive ? 'SU' : 'ER')
}

/** MSH-10 of an answer: at most 20 characters (HL7 v2.5.1 §2.15.9.10), the random end of a UUID. */
const controlId = (ids: Ids): string => ids.uuid().replaceAll('-', '').slice(-20)

/** The answers that a commit will release. HL7 v2.5.1 §2.9.2 and §2.9.3. */
export function positiveAnswers(bytes: Buffer, header: Header, { config, ids, nowMs }: AnswerParts): Positive {
  const source = answerSource(bytes)
  if (source === null) return { answer: null, application: null }
  const make = (code: 'AA' | 'CA'): Buffer =>
    acknowledgement(source, { code, controlId: controlId(ids), atMs: nowMs, timeZone: config.region.timeZone })
  if (header.messageType === 'ACK') {
    return { answer: header.enhanced && asked(header.acceptAck, true) ? make('CA') : null, application: null }
  }
  if (!header.enhanced) return { answer: make('AA'), application: null }
  return {
    answer: asked(header.acceptAck, true) ? make('CA') : null,
    application: asked(header.applicationAck, true) ? make('AA') : null,
  }
}

/** The refusal to give: total, whatever the bytes; an acknowledgement is never answered but by a commit answer. */
export function refusalOf(
  bytes: Buffer,
  header: Header | null,
  policy: AckPolicy,
  problem: Problem,
  { charset, config, ids, nowMs }: AnswerParts,
): Refusal {
  const source = answerSource(bytes, charset)
  if (source === null) return { code: problem.code, answer: null, close: true }
  const enhanced = header?.enhanced ?? false
  const commit = header !== null && enhanced && asked(header.acceptAck, false)
  const silent =
    (enhanced && !commit && (header?.messageType === 'ACK' || !asked(header?.applicationAck ?? '', false))) ||
    (!enhanced && header?.messageType === 'ACK')
  if (silent) return { code: problem.code, answer: null, close: false }
  const name = header === null ? (policy.default ?? 'hl7base') : ackPolicyName(header, policy)
  return {
    code: problem.code,
    close: false,
    answer: acknowledgement(source, {
      code: refusalCode(problem.code, name, commit),
      controlId: controlId(ids),
      atMs: nowMs,
      timeZone: config.region.timeZone,
      error: errorOf(problem, config),
      errors: (problem.also ?? []).map((one) => errorOf(one, config)),
    }),
  }
}

/**
 * A problem in the region's language: the sentence of the rule that found it, with its id and clause; else of its code,
 * with the place where it showed when that is not the one to mend. */
function errorOf({ code, at, finding }: Problem, { region, rules }: Config): AnswerError {
  const place = at === null ? {} : { at }
  const told =
    finding === undefined || rules === undefined ? null : ruleSentence(finding, profilesOf(rules), region.locale)
  if (told === null) {
    const text = (region.locale === 'fr' ? HELP_FR : HELP_EN)[code]
    const shown = finding?.at !== undefined && finding.at !== at
    return { code, ...place, text: shown ? `${text} [${finding.at}]` : text }
  }
  return { code, ...place, text: `${told.text} [${told.reference}]`, userText: told.text }
}
