/** The metadata of a document in OBX (ANS, table MetaDMP/MSS): restrictions, destinations, receipts, words of the mail. */
import type { Finding } from '../../core/message.ts'
import { isMetadata } from '../bridge/document-metadata.ts'
import { embeddedText } from '../bridge/embedded.ts'
import type { ObservationGroup } from '../bridge/order-groups.ts'
import { textAt } from '../bridge/parts.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import type { DocumentToSend, Instructions } from './document.ts'

/** Written in samples that circulate for ACK_LECTURE_MSS. */
const READ_TOO: Readonly<Record<string, string>> = { ACK_LECTURE: 'ACK_LECTURE_MSS' }
const NO_REPLY = 'FIN'

/**
 * What the metadata say. What is not said is no. A restriction that says anything but N restricts, and nothing but Y
 * sends: a slip of the sender shows a document to nobody who should not see it. Where several speak, restrictions win, and
 * nothing is sent that one of them says not to send. */
export function instructionsIn(message: Hl7Message, observations: readonly ObservationGroup[]): Instructions {
  const said = new Map<string, string[]>()
  for (const one of observations) {
    if (!isMetadata(message, one)) continue
    const code = textAt(message, `${one.obx}-3`)
    const name = READ_TOO[code] ?? code
    said.set(name, [...(said.get(name) ?? []), textAt(message, `${one.obx}-5`)])
  }
  const restricts = (name: string): boolean => (said.get(name) ?? []).some((value) => value !== 'N' && value !== '')
  const wants = (name: string): boolean => (said.get(name) ?? []).includes('Y')
  const sends = (name: string): boolean =>
    wants(name) && said.get(name)!.every((value) => value === 'Y' || value === '')
  return {
    maskedToProfessionals: restricts('MASQUE_PS'),
    invisibleToPatient: restricts('INVISIBLE_PATIENT'),
    invisibleToGuardians: restricts('INVISIBLE_REP_LEGAUX'),
    secretConnection: restricts('CONNEXION_SECRETE'),
    changesConfidentiality: wants('MODIF_CONF_CODE'),
    toDmp: sends('DESTDMP'),
    toProfessionals: sends('DESTMSSANTEPS'),
    toPatient: sends('DESTMSSANTEPAT'),
    wantsReceipt: wants('ACK_RECEPTION'),
    wantsReadReceipt: wants('ACK_LECTURE_MSS'),
  }
}

/** CORPSMAIL_PS and CORPSMAIL_PATIENT (ED in base64); null where there is none, or none that can be read, which is told. */
export function bodiesIn(
  message: Hl7Message,
  observations: readonly ObservationGroup[],
): { readonly bodies: DocumentToSend['bodies']; readonly findings: readonly Finding[] } {
  const findings: Finding[] = []
  const body = (code: string): string | null => {
    const found = observations.find((one) => isMetadata(message, one) && textAt(message, `${one.obx}-3`) === code)
    if (found === undefined) return null
    const said = embeddedText(message, found.obx)
    if (said === null) findings.push({ code: 'FIELD_MALFORMED', class: 'form', at: `${found.obx}-5` })
    return said === null || said.trim() === '' ? null : said
  }
  return { bodies: { professional: body('CORPSMAIL_PS'), patient: body('CORPSMAIL_PATIENT') }, findings }
}

/** NTE-4 FIN behind DESTMSSANTEPAT: the patient may not answer. */
export function isNoReply(message: Hl7Message, observations: readonly ObservationGroup[]): boolean {
  return observations.some(
    ({ obx, notes }) =>
      textAt(message, `${obx}-3`) === 'DESTMSSANTEPAT' &&
      notes.some((note) => textAt(message, `${note}-4`) === NO_REPLY || textAt(message, `${note}-3`) === NO_REPLY),
  )
}
