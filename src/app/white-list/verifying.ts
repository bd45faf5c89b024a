import { Worker } from 'node:worker_threads'
import type { WhiteListSettings } from '../../core/white-list.ts'
import type { ListFault } from '../../formats/whitelist/fault.ts'
import { pemCertificates } from '../../formats/x509/revocation-list.ts'
import type { KeptFacts } from '../../mssante/state.ts'
import { type WhiteList, WhiteListBuilder } from '../../mssante/white-list.ts'
import type { Told, Verify } from './worker.ts'

/** What a verification in the other thread came to. */
export type Verified =
  | { readonly what: 'good'; readonly list: WhiteList; readonly facts: KeptFacts; readonly gzipped: Uint8Array }
  | { readonly what: 'same' }
  | { readonly what: 'refused'; readonly fault: ListFault }

/** Verifies a list in a thread of its own, which ends with it; this one only takes rows, a slice at a time. */
export async function verifyApart(
  data: Uint8Array,
  settings: WhiteListSettings,
  ask: { readonly gzipped: boolean; readonly nowMs: number; readonly known: string | null },
): Promise<Verified> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url))
  worker.unref()
  const { ca, crl, crlStale, signer, maxBytes } = settings
  const builder = new WhiteListBuilder()
  try {
    return await new Promise<Verified>((resolve, reject) => {
      worker.on('error', reject)
      worker.on('exit', () => reject(new Error('the thread that verifies lists has ended')))
      worker.on('message', (told: Told) => {
        if ('rows' in told) builder.add(told.rows)
        else if ('same' in told) resolve({ what: 'same' })
        else if ('fault' in told) resolve({ what: 'refused', fault: told.fault })
        else resolve({ what: 'good', list: builder.done(told.facts.generatedAtMs), ...told })
      })
      const anchors = pemCertificates(ca).map(({ raw }) => raw)
      const revocation = { crl, crlStale }
      worker.postMessage({ data, anchors, revocation, signer, maxBytes, ...ask } satisfies Verify)
    })
  } finally {
    await worker.terminate()
  }
}
