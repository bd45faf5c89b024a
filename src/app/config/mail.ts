import { durationMs, sizeBytes } from '../../core/units.ts'
import type { MailSettings, WhiteListSettings } from '../../core/white-list.ts'
import { mailOperatorOf } from './mail-operator.ts'
import type { ReadMaterial, Reference } from './material.ts'
import type { WrittenMail, WrittenWhiteList } from './written-mail.ts'

/** Secure mail of a revision. `text` reads material. @throws what `text` throws */
export function mailOf(mail: WrittenMail, read: ReadMaterial, text: (reference: Reference) => string): MailSettings {
  return {
    whiteList: mail.whiteList === undefined ? null : whiteListOf(mail.whiteList, text),
    ...(mail.operator && { operator: mailOperatorOf(mail.operator, read, text) }),
    ...(mail.directory && {
      directory: { columns: mail.directory.columns, maxBytes: sizeBytes(mail.directory.maxSize) },
    }),
  }
}

function whiteListOf(whiteList: WrittenWhiteList, text: (reference: Reference) => string): WhiteListSettings {
  const { url, file, ca, signer, shrink } = whiteList
  return {
    source: file === undefined ? { kind: 'url', url } : { kind: 'file', file },
    ca: text(ca),
    crl: (whiteList.crl ?? []).map(text),
    crlStale: whiteList.crlStale ?? 'refuse',
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
  }
}
