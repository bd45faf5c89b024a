/** A thread that puts mail into mailboxes: a dozen calls of the system for each, which would take the doors their time. */
import { parentPort } from 'node:worker_threads'
import { type Deposit, type Deposited, deposit, type FileBody } from './deposit.ts'

/** What is asked: one mail, its bytes here or in a file. */
export interface Asked {
  readonly number: number
  readonly one: Deposit
  readonly body: Uint8Array | FileBody
}

/** What came of it; `fault`: what it threw. */
export type Told = { readonly number: number } & ({ readonly deposited: Deposited } | { readonly fault: unknown })

const port = parentPort!

function done({ one, body }: Asked): { readonly deposited: Deposited } | { readonly fault: unknown } {
  try {
    return { deposited: deposit(one, body) }
  } catch (fault) {
    return { fault }
  }
}

port.on('message', (asked: Asked) => {
  const told: Told = { number: asked.number, ...done(asked) }
  port.postMessage(told)
})
