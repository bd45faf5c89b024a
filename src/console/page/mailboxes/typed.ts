/** What people type into the forms of mailboxes, and what the commands are told of it. Pure. */
import type { Mailbox, MailboxKind } from '../../../core/mail.ts'
import { CHANGEABLE, type ChangeableField, type MailboxChange, type NewMailbox } from '../../../core/mailboxes.ts'

/** Values of a form by their fields. */
export type Typed = Readonly<Record<string, string>>

const MIB = 1024 ** 2
const LONGEST = 1_000
const NAMES = [
  ...(['local', 'domain', 'entity', 'owner', 'name', 'responsible', 'service', 'description'] as const),
  ...(['redList', 'quota', 'certificate', 'reason', 'person', 'sure'] as const),
]

/** What was typed, without what surrounds it. */
export function typedOf(fields: URLSearchParams): Typed {
  return Object.fromEntries(NAMES.map((name) => [name, (fields.get(name) ?? '').trim().slice(0, LONGEST)]))
}

/** The mailbox that is asked for. */
export function newOf(kind: MailboxKind, typed: Typed): NewMailbox {
  const text = (name: string): string | null => typed[name] || null
  return {
    address: `${typed['local'] ?? ''}@${typed['domain'] ?? ''}`,
    kind,
    name: typed['name'] ?? '',
    establishment: null,
    entity: text('entity'),
    owner: text('owner'),
    responsible: text('responsible'),
    service: text('service'),
    description: text('description'),
    redList: typed['redList'] === 'yes',
    quota: quotaOf(typed['quota'] ?? ''),
    certificate: text('certificate'),
  }
}

/** What of a mailbox is to change: the fields that say something else than it. */
export function changeOf(mailbox: Mailbox, typed: Typed): MailboxChange {
  const asked = newOf(mailbox.kind, typed)
  const fields = fieldsOf(mailbox.kind).filter((field) => asked[field] !== mailbox[field])
  return Object.fromEntries(fields.map((field) => [field, asked[field]]))
}

/** What the form of a mailbox holds before anybody typed. */
export function typedBefore(mailbox: Mailbox): Typed {
  return {
    name: mailbox.name,
    owner: mailbox.owner ?? '',
    responsible: mailbox.responsible ?? '',
    service: mailbox.service ?? '',
    description: mailbox.description ?? '',
    certificate: mailbox.certificate ?? '',
    redList: mailbox.redList ? 'yes' : '',
    quota: mailbox.quota === null ? '' : String(mailbox.quota / MIB),
  }
}

/** Fields that a mailbox of this kind may change. */
export function fieldsOf(kind: MailboxKind): readonly ChangeableField[] {
  return (Object.keys(CHANGEABLE) as ChangeableField[]).filter((field) =>
    (CHANGEABLE[field] as readonly MailboxKind[]).includes(kind),
  )
}

/** Bytes of so many MiB; -1, which no mailbox has, when it is no number. */
function quotaOf(text: string): number | null {
  if (text === '') return null
  return /^\d{1,7}([.,]\d{1,6})?$/.test(text) ? Math.round(Number(text.replace(',', '.')) * MIB) : -1
}
