/** The thread that puts mail into mailboxes: a dozen calls of the system for each, which would take the doors their time. */
import { parentPort } from 'node:worker_threads'
import { type Deposit, type Deposited, deposit, type FileBody, fileBody } from './deposit.ts'

/** What is asked: one mail, its bytes here or in a file. */
export interface Asked {
  readonly number: number
  readonly one: Deposit
  readonly body: Uint8Array | FileBody
}

/** What came of it; `fault`: what it threw. */
export type Told = { readonly number: number } & ({ readonly deposited: Deposited } | { readonly fault: unknown })

const port = parentPort!

async function* bytesOf(body: Uint8Array | FileBody): AsyncIterable<Uint8Array> {
  if (body instanceof Uint8Array) yield body
  else yield* fileBody(body)
}

port.on('message', async ({ number, one, body }: Asked) => {
  const told: Told = await deposit(one, () => bytesOf(body)).then(
    (deposited) => ({ number, deposited }),
    (fault: unknown) => ({ number, fault }),
  )
  port.postMessage(told)
})
