/** The thread that looks at the content of mails: seconds of work, in hostile ones, that no door may wait for. */
import { parentPort } from 'node:worker_threads'
import { type ContentBudget, type ContentFault, ContentScan } from './scan.ts'

/** What is asked, of one look each. */
export type Asked =
  | { readonly look: number; readonly budget: ContentBudget }
  | { readonly look: number; readonly chunk: Uint8Array }
  | { readonly look: number; readonly what: 'end' | 'drop' }

/** What is told: so many octets are done with, and behind the end the verdict. A fault is told as soon as it is seen. */
export type Told =
  | { readonly look: number; readonly done: number; readonly fault: ContentFault | null }
  | { readonly look: number; readonly verdict: ContentFault | null }

const port = parentPort!
const looks = new Map<number, { readonly scan: ContentScan; turn: Promise<void> }>()

function tell(told: Told): void {
  port.postMessage(told)
}

port.on('message', (asked: Asked) => {
  const { look } = asked
  if ('budget' in asked) {
    looks.set(look, { scan: new ContentScan(asked.budget), turn: Promise.resolve() })
    return
  }
  const one = looks.get(look)
  if (one === undefined) return
  const { scan } = one
  if ('chunk' in asked) {
    const { chunk } = asked
    one.turn = one.turn.then(async () => {
      await scan.push(chunk)
      tell({ look, done: chunk.length, fault: scan.fault })
    })
  } else {
    looks.delete(look)
    one.turn = one.turn.then(async () => {
      if (asked.what === 'end') tell({ look, verdict: await scan.end() })
      else scan.drop()
    })
  }
})
