/** Business acknowledgements that go back to who sent a document: ZAM^Z01, Z02 and Z03 (ANS, structure ZAM_Z01, HL7 2.6). */
import type { ErrorCode } from '../../core/errors.ts'
import { CDA_PROFILE } from '../bridge/documents.ts'
import { type Part, partOf, textAt } from '../bridge/parts.ts'
import { shortName } from '../bridge/stable-id.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { hl7Timestamp } from '../hl7v2/timestamp.ts'
import { type Component, type Segment, segment, type Writing, type Written, writeMessage } from '../hl7v2/write.ts'
import type { XdmCode } from '../xdm/package.ts'
import type { DocumentRecipient } from './document.ts'
import { type DeliveryStatus, SMTP_ERROR_CODES, smtpErrorOf } from './smtp-codes.ts'

/** What an acknowledgement takes from the message that it is about: read once, kept as long as the mails are out. */
export interface ZamOriginal {
  /** MSH-10. */
  readonly controlId: string
  /** MSH-3 and MSH-4: who gets the acknowledgement. */
  readonly sender: readonly [application: readonly string[], facility: readonly string[]]
  /** MSH-5 and MSH-6: who gives it. */
  readonly receiver: readonly [application: readonly string[], facility: readonly string[]]
  /** MSH-11. */
  readonly processingId: string
  readonly charset: Writing['charset']
  /** Was a document taken back? Absent: no. */
  readonly removal?: boolean
}

/** Which one, and what it says. `no`: ERR-5. */
export interface ZamToWrite {
  readonly event: 'Z01' | 'Z02' | 'Z03'
  readonly outcome: { readonly ok: true } | { readonly ok: false; readonly error: XdmCode }
  /** Whose mailbox (Z02), or who read (Z03). */
  readonly recipient: Pick<DocumentRecipient, 'address' | 'person' | 'structure'> | null
  /** Tells two of one message to one address apart: the id of the mail, or the place of what stayed. */
  readonly leg: string
  /** ms since 1970. */
  readonly atMs: number
  /** IANA name. */
  readonly timeZone: string
}

const EVENTS = {
  Z01: { code: 'ACK_RECEPTION_DMP', display: 'Accusé de réception DMP', party: null },
  Z02: {
    code: 'ACK_RECEPTION_MSS',
    display: 'Accusé de réception MSSanté',
    party: ['DESTINATAIRE_MSS', 'Destinataire MSSanté'],
  },
  Z03: {
    code: 'ACK_LECTURE_MSS',
    display: 'Accusé de lecture',
    party: ['LECTEUR_MSS', 'Lecteur du courriel MSSanté'],
  },
} as const
const TABLE = 'AckMetierZAM'
/** A removal reaches mailboxes as a notice; said where who does not look for it is not hindered. */
const REMOVAL = { Z01: 'Suppression', Z02: 'Avis de suppression', Z03: 'Avis de suppression' } as const
const CHARSETS: readonly Writing['charset'][] = ['8859/15', 'UNICODE UTF-8']

/** What is kept of a message for its acknowledgements. */
export function zamOriginal(message: Hl7Message): ZamOriginal {
  const side = (field: number): readonly string[] => {
    const part: Part = partOf(message, `MSH-${field}`)
    return [part(1), part(2), part(3)]
  }
  return {
    controlId: textAt(message, 'MSH-10'),
    sender: [side(3), side(4)],
    receiver: [side(5), side(6)],
    processingId: textAt(message, 'MSH-11'),
    charset: CHARSETS.find((one) => one === message.charset) ?? 'UNICODE UTF-8',
  }
}

/** Error of a mail that did not arrive, for `outcome`. */
export function smtpError(status: DeliveryStatus): XdmCode {
  return { ...smtpErrorOf(status), system: 'SMTPERRORCODE' }
}

const ABOUT_ADDRESS: readonly ErrorCode[] = [
  'DOCUMENT_OTHER_BOX',
  'DOCUMENT_ADDRESS_UNKNOWN',
  'DOCUMENT_RECIPIENT_NONE',
]

/**
 * Error of a mail that never left, for `outcome`: a code that platforms know, and the reason by its name. A decision is
 * about an address, or a refusal; all else is a failure. */
export function stayError(reason: ErrorCode): XdmCode {
  const code = stayCode(reason)
  return { code, system: 'SMTPERRORCODE', display: `${SMTP_ERROR_CODES.get(code)} (${reason})` }
}

function stayCode(reason: ErrorCode): string {
  if (reason === 'MAIL_DOMAIN_UNLISTED') return '512'
  if (ABOUT_ADDRESS.includes(reason)) return '510'
  return reason.startsWith('DOCUMENT_') ? '541' : '554'
}

/** Error of a document that the national record does not get: the code of the settings (null: none at hand), and the reason by its name. */
export function dmpError(known: XdmCode | null, reason: ErrorCode): XdmCode {
  const { code, system, display } = known ?? { code: '999', system: 'DMPERRORCODE', display: 'Erreur' }
  return { code, system, display: `${display} (${reason})` }
}

/**
 * The bytes of an acknowledgement. Its MSH-10 follows from what it says, so that the same one written twice is the same
 * message; a character that the sender's character set lacks gives way to the nearest. */
export function writeZam(original: ZamOriginal, zam: ZamToWrite): Written {
  const { event, outcome, recipient, leg, atMs, timeZone } = zam
  const stamp = hl7Timestamp(atMs, timeZone)
  const { code, display } = EVENTS[event]
  const header = segment('MSH', {
    3: original.receiver[0],
    4: original.receiver[1],
    5: original.sender[0],
    6: original.sender[1],
    7: stamp,
    9: ['ZAM', event, 'ZAM_Z01'],
    10: shortName('ZAM', event, original.controlId, recipient?.address ?? '', String(outcome.ok), leg),
    11: original.processingId,
    12: '2.6',
    17: 'FRA',
    21: ['2.1', CDA_PROFILE],
  })
  const answer: Component = outcome.ok ? 'Y' : 'N'
  const segments: Segment[] = [
    header,
    segment('EVN', { 2: stamp }),
    segment('OBX', {
      1: '1',
      2: 'CWE',
      3: [code, display, TABLE],
      4: original.controlId,
      5: [answer, null, 'expandedYes-NoIndicator'],
      11: 'F',
    }),
    ...(original.removal === true ? [segment('NTE', { 1: '1', 3: REMOVAL[event] })] : []),
    ...(outcome.ok ? [] : [errorSegment(outcome.error)]),
    ...partySegments(event, recipient),
  ]
  return writeMessage(segments, { charset: original.charset, unmappable: 'replace' })
}

function errorSegment({ code, display, system }: XdmCode): Segment {
  return segment('ERR', {
    2: ['OBX', '1', '5'],
    3: ['207', 'Application internal error', 'messageErrorCondition'],
    4: 'E',
    5: [code, display, system],
  })
}

/** Who it is about: the address, with the national id where the message named one. */
function partySegments(event: ZamToWrite['event'], recipient: ZamToWrite['recipient']): Segment[] {
  const { party } = EVENTS[event]
  if (party === null || recipient === null || recipient.address === null) return []
  return [
    segment('OBX', {
      1: '2',
      2: 'XTN',
      3: [...party, TABLE],
      4: recipient.person?.value || recipient.structure?.value || null,
      5: [null, null, 'X.400', recipient.address],
      11: 'F',
    }),
  ]
}
