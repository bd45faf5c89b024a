/** The thread that checks an audit: hashes and signatures of a million events take seconds that no door may wait for. */
import { parentPort } from 'node:worker_threads'
import { type AuditChecked, checkExport } from '../../formats/audit/check.ts'

/** A piece of an export, or its end. */
export type Piece = { readonly piece: string } | { readonly end: true }
/** A piece was taken: give the next one. Or: what was found, and it is over. */
export type Found = { readonly taken: true } | { readonly checked: AuditChecked }

const port = parentPort!
const waiting: Piece[] = []
let wake: () => void = () => {}
port.on('message', (piece: Piece) => {
  waiting.push(piece)
  wake()
})

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (;;) {
    const next = waiting.shift()
    if (next === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
      continue
    }
    if ('end' in next) return
    yield Buffer.from(next.piece)
    port.postMessage({ taken: true } satisfies Found)
  }
}

const checked = await checkExport(pieces())
port.postMessage({ checked } satisfies Found)
port.close()
