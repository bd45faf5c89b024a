/** MSH in words (HL7 v2.5.1 §2.15.9). */
import { decodeBinary } from './charset.ts'
import { unescapeText } from './escape.ts'
import { declaredCharset, type Hl7Message } from './message.ts'

/** HL7 table 0155: when an answer is asked for. */
export type AckCondition = 'AL' | 'ER' | 'NE' | 'SU'
const CONDITIONS: ReadonlySet<string> = new Set<AckCondition>(['AL', 'ER', 'NE', 'SU'])

/** What MSH says; '' where it says nothing (the HL7 null included). */
export interface Header {
  readonly sendingApplication: string
  /** MSH-4 component 1. */
  readonly sendingFacility: string
  /** Every non-empty component of MSH-4. */
  readonly sendingFacilityAll: readonly string[]
  readonly receivingApplication: string
  readonly receivingApplicationAll: readonly string[]
  readonly receivingFacility: string
  readonly receivingFacilityAll: readonly string[]
  readonly messageType: string
  readonly triggerEvent: string
  readonly structure: string
  /** `ORM^O01`; `ACK` for every acknowledgement; the type alone when there is no event. */
  readonly kind: string
  /** MSH-10. */
  readonly controlId: string
  /** MSH-11 component 1: P, T or D. */
  readonly processingId: string
  /** MSH-12 component 1. */
  readonly version: string
  /** MSH-12 component 2: `FRA` for PAM FR. */
  readonly versionCountry: string
  /** MSH-15 and MSH-16 in capitals; '' for what is no condition of table 0155, or a peer would wait for ever. */
  readonly acceptAck: AckCondition | ''
  readonly applicationAck: AckCondition | ''
  readonly country: string
  /** MSH-18 as written, first repetition. */
  readonly charset: string
  /** MSH-21: of each repetition every non-empty component. */
  readonly profiles: readonly string[]
  /** Enhanced acknowledgement: MSH-15 or MSH-16 has a condition (§2.9.3). */
  readonly enhanced: boolean
}

/** Reads MSH and nothing else. */
export function readHeader(message: Hl7Message): Header {
  const { headerFields, delimiters } = message
  const componentSeparator = String.fromCharCode(delimiters.component)
  const repetitionSeparator = delimiters.repetition === null ? null : String.fromCharCode(delimiters.repetition)

  const textOf = (binary: string | undefined): string => {
    if (binary === undefined || binary === '' || binary === '""') return ''
    return unescapeText(decodeBinary(binary, message.charset), delimiters, message.charset)
  }
  const fieldOf = (n: number): string => headerFields[n - 1] ?? ''
  const componentsOf = (n: number): string[] =>
    cut(upTo(fieldOf(n), repetitionSeparator), componentSeparator).map(textOf)
  const first = (n: number): string => textOf(upTo(upTo(fieldOf(n), repetitionSeparator), componentSeparator))

  const facility = componentsOf(4)
  const toApplication = componentsOf(5)
  const toFacility = componentsOf(6)
  const [messageType = '', triggerEvent = '', structure = ''] = componentsOf(9)
  const [version = '', versionCountry = ''] = componentsOf(12)
  const acceptAck = conditionOf(first(15))
  const applicationAck = conditionOf(first(16))
  return {
    sendingApplication: first(3),
    sendingFacility: facility[0]!,
    sendingFacilityAll: facility.filter(hasText),
    receivingApplication: toApplication[0]!,
    receivingApplicationAll: toApplication.filter(hasText),
    receivingFacility: toFacility[0]!,
    receivingFacilityAll: toFacility.filter(hasText),
    messageType,
    triggerEvent,
    structure,
    kind: messageType === 'ACK' || triggerEvent === '' ? messageType : `${messageType}^${triggerEvent}`,
    controlId: first(10),
    processingId: first(11),
    version,
    versionCountry,
    acceptAck,
    applicationAck,
    country: first(17),
    charset: declaredCharset(headerFields, delimiters),
    profiles: cut(fieldOf(21), repetitionSeparator).flatMap((one) =>
      cut(one, componentSeparator).map(textOf).filter(hasText),
    ),
    enhanced: acceptAck !== '' || applicationAck !== '',
  }
}

/** The version of the software that sends: SFT-2 of the first SFT (§2.15.12; who handles a message after it adds one behind). '': not told. */
export function softwareVersionOf(message: Hl7Message): string {
  const version = message.text('SFT-2')
  return version === null || version === '""' ? '' : version.trim()
}

/** The text before the first separator. */
function upTo(text: string, separator: string | null): string {
  const at = separator === null ? -1 : text.indexOf(separator)
  return at < 0 ? text : text.slice(0, at)
}

/** Its parts; most fields are of one, for which to split is dear. */
function cut(text: string, separator: string | null): string[] {
  return separator === null || !text.includes(separator) ? [text] : text.split(separator)
}

function conditionOf(text: string): AckCondition | '' {
  const condition = text.trim().toUpperCase()
  return CONDITIONS.has(condition) ? (condition as AckCondition) : ''
}

function hasText(text: string): boolean {
  return text !== ''
}
