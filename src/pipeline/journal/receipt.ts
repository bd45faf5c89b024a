import type { MessageId, Receipt } from '../../core/message.ts'

/** How long a repeat key is remembered, ms (design, Repeats: 30 days). */
export const REPEAT_MS = 30 * 86_400_000

/**
 * Proof of a commit. The only place where one is made, for both stores: its rows are in the transaction, and its caller
 * waits for the sync. */
export function receipt(
  messageId: MessageId,
  repeat: boolean,
  answer: Buffer | null,
  applicationAnswer: Buffer | null,
): Receipt {
  return { messageId, repeat, answer, applicationAnswer } as Receipt
}

/** Proof of an earlier commit that a look at the store has found by its rows: what a look sees is synced. */
export function foundReceipt(messageId: MessageId): Receipt {
  return receipt(messageId, true, null, null)
}
