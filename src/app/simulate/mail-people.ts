/** The invented people of the simulated mail operator: what each does with mail that comes. Pure. */
import type { MailRecipient } from '../../core/mail.ts'
import { keptAddress } from '../../formats/mail/address.ts'
import { writeMail } from '../../formats/mail/compose.ts'
import { writeDsn } from '../../formats/mail/dsn.ts'
import { dispositionOf, isAutomatic, type MailHeader, messageIdOf, readHeader } from '../../formats/mail/header.ts'
import { writeMdn } from '../../formats/mail/mdn.ts'
import type { TakenMail } from './mail-server.ts'

/** Domain of the simulated operator's people, whatever else it takes mail for. */
export interface PeopleOf {
  /** Its own name in SMTP. */
  readonly name: string
  readonly atMs: number
  readonly timeZone: string
  /** A new id for each call. */
  readonly id: () => string
}

/** A mail of the simulated operator, with its envelope. */
export interface MailOut {
  /** Empty: a report. */
  readonly from: string
  readonly to: string
  readonly bytes: Buffer
}

/** `answers`: reads it and writes back; `reads`: sends a receipt when asked; `slow`: takes nothing at the first attempt; `full`: takes nothing at all. */
type Manner = 'answers' | 'reads' | 'slow' | 'full'
const PEOPLE: Readonly<Record<string, Manner>> = {
  'claire.vidal': 'answers',
  'marc.lenoir': 'slow',
  'cabinet.tilleuls': 'reads',
  'cabinet.plein': 'full',
}
/** The box of a patient is a number: an INS with its key. */
const PATIENT = /^\d{13}\d{2}$/

function mannerOf(address: string): Manner | null {
  const { local } = keptAddress(address)
  return Object.hasOwn(PEOPLE, local) ? PEOPLE[local]! : PATIENT.test(local) ? 'reads' : null
}

/** The reply to a recipient; `tries`: how often this one was named before. */
export function judgeRecipient(address: string, tries: number): readonly [code: string, text: string] {
  switch (mannerOf(address)) {
    case null:
      return ['550 5.1.1', 'Nobody of this name here (simulation)']
    case 'full':
      return ['552 5.2.2', 'The mailbox is full (simulation)']
    case 'slow':
      return tries === 0 ? ['451 4.7.1', 'Try again later (simulation)'] : ['250 2.1.5', 'OK']
    default:
      return ['250 2.1.5', 'OK']
  }
}

/** What comes back for a mail: reports on success and receipts where they are asked for, and an answer. Nothing for a report. */
export function answersTo(mail: TakenMail, people: PeopleOf): readonly MailOut[] {
  if (mail.from === '') return []
  const header = readHeader(mail.bytes)
  return mail.recipients.flatMap((recipient) => [
    ...reports(mail, recipient, people),
    ...receipts(recipient, header, people),
    ...answers(mail, recipient, header, people),
  ])
}

function reports(mail: TakenMail, { address, notify }: MailRecipient, people: PeopleOf): MailOut[] {
  if (!notify.includes('success')) return []
  const { name, atMs, timeZone, id } = people
  const to = keptAddress(address)
  const bytes = writeDsn({
    ...{ domain: to.domain, reportingMta: name, to: keptAddress(mail.from), envid: null },
    ...{ arrivedAtMs: atMs, atMs, timeZone, messageId: `<${id()}@${name}>` },
    recipients: [
      {
        ...{ address: to, original: null, action: 'delivered', status: '2.0.0', remoteMta: null, diagnostic: null },
        ...{ lastAttemptMs: null, willRetryUntilMs: null },
      },
    ],
    original: { header: headerBytes(mail.bytes), whole: null },
  })
  return [{ from: '', to: mail.from, bytes }]
}

function receipts({ address }: MailRecipient, header: MailHeader, people: PeopleOf): MailOut[] {
  const messageId = messageIdOf(header)
  if (messageId === null) return []
  const { name, atMs, timeZone, id } = people
  return dispositionOf(header)
    .slice(0, 1)
    .map(({ address: asked }) => ({
      from: '',
      to: `${asked.local}@${asked.domain}`,
      bytes: writeMdn({
        ...{ from: keptAddress(address), to: asked, messageId: `<${id()}@${name}>`, atMs, timeZone },
        ...{ product: 'Logiciel simulé (fictif)', automatic: false, disposition: 'displayed', error: null },
        original: {
          ...{ messageId, subject: header.text('subject') ?? '', recipient: null, header: null },
          finalRecipient: keptAddress(address),
        },
      }),
    }))
}

function answers(mail: TakenMail, { address }: MailRecipient, header: MailHeader, people: PeopleOf): MailOut[] {
  const inReplyTo = messageIdOf(header)
  if (mannerOf(address) !== 'answers' || isAutomatic(header) || inReplyTo === null) return []
  const { name, atMs, timeZone, id } = people
  // The marker of an archive would promise one.
  const subject = (header.text('subject') ?? '').replace(/^(?:Re: |XDM\/1\.0\/DDM\+)*/, 'Re: ')
  const bytes = writeMail({
    from: { name: 'Dr Claire VIDAL (fictive)', address: keptAddress(address) },
    to: [{ name: '', address: keptAddress(mail.from) }],
    subject,
    text: 'Bonjour,\n\nBien reçu, merci. Je revois ce patient la semaine prochaine.\n\nDr Claire VIDAL (personne fictive, opérateur simulé)\n',
    date: { atMs, timeZone },
    messageId: `<${id()}@${name}>`,
    inReplyTo,
  })
  return [{ from: address, to: mail.from, bytes }]
}

function headerBytes(bytes: Buffer): Buffer {
  const end = bytes.indexOf('\r\n\r\n')
  return end < 0 ? bytes : bytes.subarray(0, end + 2)
}
