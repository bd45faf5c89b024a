/** What a report of delivery says to its reader, in French and then in English. Pure. */
import { written } from './address.ts'
import { mailDate } from './date.ts'
import type { DsnAction, DsnRecipient, DsnReport } from './dsn.ts'
import { oneLine } from './write-header.ts'

/** Subjects: they say nothing of the message, whose own subject may name a patient. */
export const DSN_SUBJECTS: Readonly<Record<DsnAction, string>> = {
  failed: 'Message non remis / Undelivered message',
  delayed: 'Message en attente / Delayed message',
  delivered: 'Message remis / Delivered message',
  relayed: 'Message transmis / Relayed message',
  expanded: 'Message remis / Delivered message',
}

interface Words {
  readonly opening: Readonly<Record<DsnAction, string>>
  readonly each: Readonly<Record<DsnAction, string>>
  readonly answer: string
  readonly until: string
  /** Of what failed and may have arrived all the same. */
  readonly unsure: { readonly opening: string; readonly each: string; readonly why: string }
  readonly closing: string
}

const FRENCH: Words = {
  opening: {
    failed: 'Votre message n’a pas pu être remis à tous ses destinataires. Il ne sera plus essayé pour ceux-ci :',
    delayed:
      'Votre message n’a pas encore pu être remis à ces destinataires. Les essais continuent, ne le renvoyez pas :',
    delivered: 'Votre message a été remis à ces destinataires :',
    relayed: 'Votre message a été transmis à un serveur qui ne confirmera pas sa remise :',
    expanded: 'Votre message a été remis à ces destinataires :',
  },
  each: {
    failed: 'non remis',
    delayed: 'en attente',
    delivered: 'remis',
    relayed: 'transmis',
    expanded: 'remis à une liste',
  },
  answer: 'Réponse du serveur',
  until: 'Essais jusqu’au',
  unsure: {
    opening:
      'La remise de votre message n’a pas pu être confirmée pour tous ses destinataires. Il ne sera plus essayé pour ceux-ci :',
    each: 'non confirmé',
    why: 'Un envoi est resté sans réponse : le message a peut-être été remis.',
  },
  closing: 'Message automatique de la messagerie sécurisée de santé. Ne pas y répondre.',
}

const ENGLISH: Words = {
  opening: {
    failed: 'Your message could not be delivered to all of its recipients. It will not be tried again for these:',
    delayed: 'Your message could not be delivered to these recipients yet. Trying goes on; do not send it again:',
    delivered: 'Your message was delivered to these recipients:',
    relayed: 'Your message was handed to a server that will not confirm its delivery:',
    expanded: 'Your message was delivered to these recipients:',
  },
  each: {
    failed: 'not delivered',
    delayed: 'waiting',
    delivered: 'delivered',
    relayed: 'handed on',
    expanded: 'delivered to a list',
  },
  answer: 'Answer of the server',
  until: 'Tried until',
  unsure: {
    opening:
      'Delivery of your message could not be confirmed for all of its recipients. It will not be tried again for these:',
    each: 'not confirmed',
    why: 'One attempt had no answer: the message may have been delivered.',
  },
  closing: 'Automatic message of the secure health mail. Do not reply to it.',
}

/** The part of a report that people read. */
export function dsnText(report: DsnReport, action: DsnAction): string {
  return [FRENCH, ENGLISH].map((words) => language(report, action, words)).join('\n\n')
}

function language({ recipients, timeZone }: DsnReport, action: DsnAction, words: Words): string {
  const lines = recipients.flatMap((one) => recipient(one, timeZone, words))
  const opening = recipients.some(mayHave) ? words.unsure.opening : words.opening[action]
  return [opening, '', ...lines, '', words.closing, ''].join('\n')
}

/** Did it fail, and may have arrived all the same? */
const mayHave = ({ action, unsure }: DsnRecipient): boolean => action === 'failed' && unsure === true

function recipient(one: DsnRecipient, timeZone: string, words: Words): string[] {
  const lines = [
    `  <${written(one.address)}> : ${mayHave(one) ? words.unsure.each : words.each[one.action]} (${oneLine(one.status)})`,
  ]
  if (one.diagnostic !== null) lines.push(`    ${words.answer} : ${oneLine(one.diagnostic).slice(0, 500)}`)
  if (mayHave(one)) lines.push(`    ${words.unsure.why}`)
  if (one.action === 'delayed' && one.willRetryUntilMs !== null)
    lines.push(`    ${words.until} : ${mailDate(one.willRetryUntilMs, timeZone)}`)
  return lines
}
