/** What a mailbox may be, and what of it may change. Pure. */
import type { Config } from '../core/config.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { MailboxKind } from '../core/mail.ts'
import {
  CHANGEABLE,
  type ChangeableField,
  type MailboxChange,
  type MailboxProblem,
  type NewMailbox,
} from '../core/mailboxes.ts'
import { readMatricule } from '../formats/identifiers/ins.ts'
import { idNpsOf } from '../formats/identifiers/professional.ts'
import { parsePath } from '../formats/mail/address.ts'
import { parseDistinguishedName } from '../formats/x509/distinguished-name.ts'

/** A mailbox as it is to be kept: what was written, in the form by which it is found. */
export interface JudgedMailbox extends NewMailbox {
  readonly domain: string
  readonly establishment: string
  /** For comparing; null: no certificate. */
  readonly certificateKey: string | null
}

/** What is wrong, or what is to be kept with what is odd about it. */
export type Judged<T> =
  | { readonly problems: readonly MailboxProblem[] }
  | { readonly kept: T; readonly warnings: readonly MailboxProblem[] }

/** A change in the form in which it is kept. */
export interface JudgedChange {
  readonly change: MailboxChange
  /** There when the certificate changes. */
  readonly certificateKey?: string | null
}

const LOCAL = /^[a-z0-9](?:[a-z0-9_-]|\.(?=[a-z0-9]))*$/
/** Title, given name, family name in capitals, entity; a person may have no title (ECO.2.2.7). */
const PERSON = /^[^_]{0,20}_[^_]+_[\p{Lu}\p{M}' -]+_[^_]+$/u
/** Control, format and separator characters, halves of pairs, and what is assigned to nobody. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/u
const LONGEST_NAME = 200
const LONGEST_TEXT = 500
const LONGEST_CERTIFICATE = 1_000
const SMALLEST_QUOTA = 1024 ** 2
const LARGEST_QUOTA = 1024 ** 4

/** Judges a mailbox that is to be, with every problem at once. Whether its address was given before is the store's to say. */
export function judgeMailbox(
  written: NewMailbox,
  { mail, establishments }: Pick<Config, 'mail' | 'establishments'>,
): Judged<JudgedMailbox> {
  const problems: MailboxProblem[] = []
  const wrong = (field: MailboxProblem['field'], code: ErrorCode) => void problems.push({ field, code })
  const address = addressOf(written.address)
  if (address === null) wrong('address', 'MAILBOX_ADDRESS')
  const hosted = address === null ? undefined : mail?.operator?.domains.get(address.domain)
  if (address !== null && hosted === undefined) wrong('address', 'MAILBOX_DOMAIN')
  if (hosted !== undefined && (written.establishment ?? hosted.establishment) !== hosted.establishment) {
    wrong('establishment', 'MAILBOX_DOMAIN')
  }
  const { kind, entity } = written
  if (entity !== null && hosted !== undefined) {
    const known = establishments.get(hosted.establishment)?.finess.eg.includes(entity) === true
    if (!known) wrong('entity', 'MAILBOX_ENTITY')
  }
  for (const field of ['description', 'service', 'responsible', 'certificate'] as const) {
    if (written[field] !== null && !may(field, kind)) wrong(field, 'MAILBOX_FIELD')
  }
  const owned = kind === 'PER' || kind === 'CAB'
  if (owned ? kind === 'PER' && written.owner === null : written.owner !== null) wrong('owner', 'MAILBOX_OWNER')
  const fields = judgeFields(written, kind)
  // One word for one field: what is not this kind's is not judged for its form as well.
  const all = [...problems, ...fields.problems.filter(({ field }) => !problems.some((one) => one.field === field))]
  if (all.length > 0 || address === null || hosted === undefined) return { problems: all }
  const kept = {
    ...written,
    ...fields.change,
    ...{ address: `${address.local}@${address.domain}`, domain: address.domain, establishment: hosted.establishment },
    certificateKey: fields.certificateKey ?? null,
  }
  return { kept, warnings: fields.warnings }
}

/** Judges a change of a mailbox of some kind. */
export function judgeChange(change: MailboxChange, kind: MailboxKind): Judged<JudgedChange> {
  const foreign = (Object.keys(change) as ChangeableField[]).filter((field) => !may(field, kind))
  const { problems, warnings, ...kept } = judgeFields(change, kind)
  const all = [
    ...foreign.map((field) => ({ field, code: 'MAILBOX_FIELD' as const })),
    ...problems.filter(({ field }) => !foreign.some((one) => one === field)),
  ]
  return all.length > 0 ? { problems: all } : { kept, warnings }
}

const may = (field: ChangeableField, kind: MailboxKind): boolean =>
  (CHANGEABLE[field] as readonly MailboxKind[] | undefined)?.includes(kind) === true

/** The address in the form by which it is kept; null: none of a mailbox, or that of a patient. */
function addressOf(text: string): { readonly local: string; readonly domain: string } | null {
  const read = parsePath(text.trim(), { utf8: false })
  if (read === null) return null
  const local = read.local.toLowerCase()
  if (!LOCAL.test(local) || readMatricule(local.toUpperCase()) !== null) return null
  return { local, domain: read.domain }
}

interface JudgedFields extends JudgedChange {
  readonly problems: readonly MailboxProblem[]
  readonly warnings: readonly MailboxProblem[]
}

/** Each field that was given, by its own form alone. */
function judgeFields(given: MailboxChange, kind: MailboxKind): JudgedFields {
  const problems: MailboxProblem[] = []
  const warnings: MailboxProblem[] = []
  const wrong = (field: MailboxProblem['field'], code: ErrorCode) => void problems.push({ field, code })
  let change: MailboxChange = {}
  let certificateKey: string | null | undefined
  if (given.name !== undefined) {
    const name = given.name.normalize('NFC').trim()
    if (!isText(name, LONGEST_NAME) || (kind === 'PER' && !PERSON.test(name))) wrong('name', 'MAILBOX_NAME')
    change = { ...change, name }
  }
  if (given.redList !== undefined) change = { ...change, redList: given.redList }
  if (given.quota !== undefined) {
    const { quota } = given
    const fits = quota === null || (Number.isInteger(quota) && quota >= SMALLEST_QUOTA && quota <= LARGEST_QUOTA)
    if (!fits) wrong('quota', 'MAILBOX_FIELD')
    change = { ...change, quota }
  }
  for (const field of ['description', 'service', 'responsible'] as const) {
    const text = given[field]?.normalize('NFC').trim()
    if (text !== undefined && !isText(text, LONGEST_TEXT)) wrong(field, 'MAILBOX_FIELD')
    if (given[field] !== undefined) change = { ...change, [field]: text ?? null }
  }
  if (given.owner !== undefined) {
    const read = given.owner === null ? null : idNpsOf(given.owner)
    if (given.owner !== null && read === null) wrong('owner', 'MAILBOX_OWNER')
    if (read?.keyHolds === false) warnings.push({ field: 'owner', code: 'MAILBOX_OWNER_KEY' })
    change = { ...change, owner: read?.idNps ?? null }
  }
  if (given.certificate !== undefined) {
    const certificate = given.certificate?.trim() ?? null
    certificateKey = certificate === null ? null : keyOf(certificate)
    if (certificate !== null && certificateKey === null) wrong('certificate', 'MAILBOX_CERTIFICATE')
    change = { ...change, certificate }
  }
  return { change, ...(certificateKey === undefined ? {} : { certificateKey }), problems, warnings }
}

function isText(text: string, longest: number): boolean {
  return text !== '' && text.length <= longest && !UNSEEN.test(text)
}

/** How a subject is compared; null: it is none. */
function keyOf(subject: string): string | null {
  if (subject.length > LONGEST_CERTIFICATE || UNSEEN.test(subject)) return null
  try {
    return parseDistinguishedName(subject).key
  } catch {
    return null
  }
}
