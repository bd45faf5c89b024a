import type { Arrival, Receipt, Refusal } from '../core/message.ts'
import type { Accept } from '../core/ports.ts'
import { readBatch } from '../formats/hl7v2/batch.ts'
import { INLINE_BYTES } from './journal/laid.ts'

/**
 * Lets the arrivals of a connection into the journal in their order, also where one is sent before the one before it was
 * answered. Most reach the journal in the turn in which they are let in; a large one and a batch take several, and those
 * behind it wait until it is committed or refused. */
export function inOrder(accept: Accept): Accept {
  /** The last arrival of a connection that is waited for. */
  const slow = new Map<string, Promise<Receipt | Refusal>>()
  return (arrival) => {
    const connection = `${arrival.entrance} ${arrival.peer.address}`
    const before = slow.get(connection)
    const work = before === undefined ? accept(arrival) : before.then(() => accept(arrival))
    if (takesLong(arrival)) {
      slow.set(connection, work)
      void work.then(() => {
        if (slow.get(connection) === work) slow.delete(connection)
      })
    }
    return work
  }
}

function takesLong({ bytes, fhir }: Arrival): boolean {
  if (fhir !== undefined) return false
  // The name of its first segment makes a batch.
  return bytes.length > INLINE_BYTES || readBatch(bytes.subarray(0, 4)) !== null
}
