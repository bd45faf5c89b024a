/** What a message says of orders and messages that went through the gateway before: tele-radiology flows 1 to 3, and ZAM. */
import type { Header } from './header.ts'
import type { Hl7Message } from './message.ts'

/** MSH-21 of the tele-radiology guide (ANS, imaging requests in HL7 v2). */
export const TELERADIOLOGY = 'CISIS_TLR_HL7_V2'

/** An order that a message makes, takes back or answers. */
export interface OrderWord {
  /** Flow 1 (ORC-1 NW), flow 2 (CA), flow 3 (OK or OC). */
  readonly role: 'request' | 'cancel' | 'answer'
  /** `ORC-2`, or `ORC(2)-2`. */
  readonly at: string
  /** ORC-2: the number, and the authority that gave it (EI-3, else EI-2). */
  readonly number: string
  readonly authority: string
}

const ROLES: Readonly<Record<string, Readonly<Record<string, OrderWord['role']>>>> = {
  'ORM^O01': { NW: 'request', CA: 'cancel' },
  'ORU^R01': { OK: 'answer', OC: 'answer' },
}
/** Orders of one message; the guide has one. */
const MOST_ORDERS = 20

/** What a message of tele-radiology says of orders; empty for every other message. */
export function orderWords(message: Hl7Message, { kind, profiles }: Header): readonly OrderWord[] {
  const roles = Object.hasOwn(ROLES, kind) && profiles.includes(TELERADIOLOGY) ? ROLES[kind]! : null
  if (roles === null) return []
  const words: OrderWord[] = []
  const count = Math.min(message.segments('ORC'), MOST_ORDERS)
  for (let n = 1; n <= count; n++) {
    const orc = n === 1 ? 'ORC' : `ORC(${n})`
    const control = message.text(`${orc}-1`) ?? ''
    const number = message.text(`${orc}-2.1`)
    // An order without a number is another rule's matter.
    if (number === null || !Object.hasOwn(roles, control)) continue
    const authority = message.text(`${orc}-2.3`) ?? message.text(`${orc}-2.2`) ?? ''
    words.push({ role: roles[control]!, at: `${orc}-2`, number, authority })
  }
  return words
}

/** A message that a business acknowledgement names. */
export interface MessageWord {
  /** `OBX-4`, or `OBX(2)-4`. */
  readonly at: string
  /** MSH-10 of the message that was sent. */
  readonly controlId: string
}

const ACKNOWLEDGEMENTS = new Set(['ACK_RECEPTION_DMP', 'ACK_RECEPTION_MSS', 'ACK_LECTURE_MSS'])
const MOST_MESSAGES = 20

/** The messages that a ZAM acknowledges (OBX-4 of its acknowledgement; the OBX after it name receivers); else none. */
export function acknowledgedMessages(message: Hl7Message, { messageType }: Header): readonly MessageWord[] {
  if (messageType !== 'ZAM') return []
  const words: MessageWord[] = []
  const count = Math.min(message.segments('OBX'), MOST_MESSAGES)
  for (let n = 1; n <= count; n++) {
    const obx = n === 1 ? 'OBX' : `OBX(${n})`
    const controlId = message.text(`${obx}-4`)
    if (controlId === null || !ACKNOWLEDGEMENTS.has(message.text(`${obx}-3`) ?? '')) continue
    words.push({ at: `${obx}-4`, controlId })
  }
  return words
}
