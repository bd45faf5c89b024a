import type { Receipt } from '../../core/message.ts'
import { type BundleEntry, entriesOf } from '../../formats/fhir/bundle.ts'
import { emptyObject, type JsonObject, object, text } from '../../formats/fhir/json.ts'
import { REPEAT_MS } from '../journal/receipt.ts'
import { searchKey } from '../keys.ts'
import { fhirIntake, type Under } from './judge.ts'

/** Bundle.identifier as one text, or null. */
export function identifierOf(bundle: JsonObject): string | null {
  const identifier = object(bundle['identifier'])
  const value = text(identifier?.['value'])
  return value === null ? null : `${text(identifier?.['system']) ?? ''}|${value}`
}

/**
 * Key under which a transaction (by its Bundle.identifier) or a message (by the id of its MessageHeader) of a sender is known
 * again; null: it has no name. */
export function repeatKeyOf(bundle: JsonObject, { establishment, parts }: Under): string | null {
  const [kind, name] =
    bundle['type'] === 'message'
      ? ['MessageHeader', text(entriesOf(bundle)[0]?.resource?.['id'])]
      : ['Bundle', identifierOf(bundle)]
  return name === null || name === undefined
    ? null
    : ['fhir', establishment.id, kind, searchKey(parts.journal.secret, kind, name)].join('\x1f')
}

/**
 * Key under which an entry of a batch with a Bundle.identifier is known again, by its place and what it asks; null: the batch
 * has no name. */
export function entryKeyOf(bundle: JsonObject, entry: BundleEntry, { establishment, parts }: Under): string | null {
  const name = identifierOf(bundle)
  if (name === null) return null
  const asked = JSON.stringify([name, entry.place, entry.request])
  return ['fhir', establishment.id, 'Bundle.entry', searchKey(parts.journal.secret, 'Bundle.entry', asked)].join('\x1f')
}

/** No configuration has this number: what is routed by it is committed by nobody. */
const NO_REVISION = -1

/**
 * The receipt that the same bytes were given under the same key: asked where they would be refused now, as what the first did has
 * moved the versions and conditions that they name. Null: the key is new; `other`: it was given to other bytes. */
export async function receiptBefore(repeatKey: string, under: Under): Promise<Receipt | 'other' | null> {
  const { arrival, parts } = under
  const [row] = await parts.journal.look({
    sql: 'SELECT message FROM repeat WHERE repeat_key = ? AND at_ms > ?',
    parameters: [repeatKey, parts.clock.nowMs() - REPEAT_MS],
  })
  if (row === undefined) return null
  // What a look sees may lack its standby: a commit waits for it, and of a key that is known it writes nothing.
  const nowhere = { deliveries: [], findings: [], test: false, issues: [] }
  const whole = { withheld: null, findings: [] }
  const intake = fhirIntake(under, emptyObject(), arrival.bytes, nowhere, '', whole)
  const committed = await parts.journal.commit([{ ...intake, repeatKey, revision: NO_REVISION, timers: [] }])
  if (committed.kind === 'repeat') return committed.receipt
  return committed.kind === 'conflict' ? 'other' : null
}
