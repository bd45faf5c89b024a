import { hash } from 'node:crypto'
import { entriesOf } from '../../formats/fhir/bundle.ts'
import { type JsonObject, object, text } from '../../formats/fhir/json.ts'
import { REPEAT_MS } from '../journal/receipt.ts'
import { searchKey } from '../keys.ts'
import type { Under } from './judge.ts'

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
 * The positive answer that the same bytes were given under the same name: asked where they would be refused now, as what the first
 * did has moved the versions and conditions that they name. Null: the name is new; `other`: it was given to other bytes. */
export async function answerBefore(bundle: JsonObject, under: Under): Promise<Buffer | 'other' | null> {
  const { arrival, parts } = under
  const key = repeatKeyOf(bundle, under)
  if (key === null) return null
  const [row] = await parts.journal.look<{ sha256: string; answer: Uint8Array }>({
    sql: 'SELECT sha256, answer FROM repeat WHERE repeat_key = ? AND at_ms > ?',
    parameters: [key, parts.clock.nowMs() - REPEAT_MS],
  })
  if (row === undefined) return null
  return row.sha256 === hash('sha256', arrival.bytes, 'hex') ? Buffer.from(row.answer) : 'other'
}
