/** What the simulated mail operator writes of itself: letters, and documents in an IHE_XDM.ZIP. */
import type { MailOperator } from '../../core/mail.ts'
import { documentsToSend } from '../../formats/documents/from-hl7.ts'
import type { DocumentSettings } from '../../formats/documents/settings.ts'
import { documentMail } from '../../formats/documents/to-mail.ts'
import { readHeader } from '../../formats/hl7v2/header.ts'
import { readMessage } from '../../formats/hl7v2/message.ts'
import { keptAddress } from '../../formats/mail/address.ts'
import { type MailDraft, writeMail } from '../../formats/mail/compose.ts'
import { documentMessage } from '../demo/document.ts'
import { DEMO_TEAM } from '../demo/mailboxes.ts'
import { demoPatient } from '../demo/patients.ts'
import type { MailOut, PeopleOf } from './mail-people.ts'

/** Whom the simulated operator writes to, and as whom. */
export interface Writing extends PeopleOf {
  /** Domain of its people. */
  readonly domain: string
  readonly operator: MailOperator
  readonly settings: DocumentSettings
}

const AUTHOR = 'Cabinet des Tilleuls (fictif)'
const CABINET = {
  facility: 'CABINET-FICTIF',
  name: 'Cabinet des Tilleuls (fictif)',
  finess: '449990811',
  numbers: '1.2.250.1.213.99.5',
}
/** Patients of these letters are not those of other traffic. */
const FIRST_PATIENT = 700

/**
 * Mail `n`, in turn: a letter to a team, a document for a hospital's system, a document for a person, and a letter to a
 * mailbox that is not there. Null where the region has nobody to write to. */
export async function simulatedMail(n: number, writing: Writing): Promise<MailOut | null> {
  const domains = [...writing.operator.domains.keys()]
  const [first] = domains
  if (first === undefined) return null
  const [documents] = writing.operator.documents.values()
  switch (n % 4) {
    case 0:
      return letter(n, `${DEMO_TEAM}@${first}`, writing)
    case 1:
      return documents === undefined ? null : document(n, documents.mailbox, writing)
    case 2:
      return document(n, `demo-requester@${first}`, writing)
    default:
      return letter(n, `ancienne.adresse@${domains.at(-1)}`, writing)
  }
}

function letter(n: number, to: string, writing: Writing): MailOut {
  const { family, given } = demoPatient(FIRST_PATIENT + n)
  return written(to, writing, {
    subject: 'Demande de rendez-vous (test)',
    text: `Bonjour,\n\nPouvez-vous proposer une date de consultation à ${given} ${family}, que j’ai vu ce matin ?\n\nMerci.\n${AUTHOR}\n`,
  })
}

async function document(n: number, to: string, writing: Writing): Promise<MailOut | null> {
  const { atMs, timeZone, settings, name, id } = writing
  const message = documentMessage({
    ...{
      controlId: `CABINET-${id().slice(-10)}`,
      atMs,
      timeZone,
      patient: demoPatient(FIRST_PATIENT + n),
      from: CABINET,
    },
    to: { name: 'DEMO (FICTIF)^Camille', address: to },
  })
  const read = readMessage(message)
  if (!read.ok) return null
  const [sending] = documentsToSend(read.message, readHeader(read.message), settings).sendings
  const [recipient] = sending?.recipients ?? []
  if (sending === undefined || recipient === undefined) return null
  const producer = { name: 'Logiciel simulé', version: '1', contact: '' }
  const mail = await documentMail(sending, recipient, { settings, sourceId: CABINET.numbers, atMs, timeZone, producer })
  const asks = `cabinet.tilleuls@${writing.domain}`
  const headers = [...mail.headers, ['Disposition-Notification-To', `<${asks}>`] as const]
  return written(to, { ...writing, name }, { ...mail, headers })
}

function written(
  to: string,
  { domain, name, atMs, timeZone, id }: Writing,
  mail: Pick<MailDraft, 'subject' | 'text' | 'headers' | 'attachments'>,
): MailOut {
  const from = `cabinet.tilleuls@${domain}`
  const { subject, text, headers, attachments } = mail
  const bytes = writeMail({
    ...{ from: { name: AUTHOR, address: keptAddress(from) }, to: [{ name: '', address: keptAddress(to) }] },
    ...{ subject, text, date: { atMs, timeZone }, messageId: `<${id()}@${name}>` },
    ...(headers === undefined ? {} : { headers }),
    ...(attachments === undefined ? {} : { attachments }),
  })
  return { from, to, bytes }
}
