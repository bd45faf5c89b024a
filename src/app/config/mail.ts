import { durationMs, sizeBytes } from '../../core/units.ts'
import type { MailSettings } from '../../core/white-list.ts'
import type { Reference } from './material.ts'
import type { WrittenMail } from './written-mail.ts'

/** Secure mail of a revision. `text` reads material. @throws what `text` throws */
export function mailOf({ whiteList }: WrittenMail, text: (reference: Reference) => string): MailSettings {
  if (whiteList === undefined) return { whiteList: null }
  const { url, file, ca, signer, shrink } = whiteList
  return {
    whiteList: {
      source: file === undefined ? { kind: 'url', url } : { kind: 'file', file },
      ca: text(ca),
      signer: { issuer: signer.issuer, commonName: signer.commonName, email: signer.email ?? null },
      everyMs: durationMs(whiteList.every),
      timeoutMs: durationMs(whiteList.timeout),
      maxBytes: sizeBytes(whiteList.maxSize),
      shrink: shrink / 100,
      age: {
        stale: durationMs(whiteList.stale),
        old: durationMs(whiteList.old),
        closed: durationMs(whiteList.closed),
      },
    },
  }
}
