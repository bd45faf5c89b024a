import type { Reference } from './material.ts'

/** `mail` as written, with its defaults. */
export interface WrittenMail {
  readonly whiteList?: WrittenWhiteList
}

/** `mail.whiteList` as written, with its defaults. */
export interface WrittenWhiteList {
  readonly url: string
  readonly file?: string
  readonly ca: Reference
  readonly signer: { readonly issuer: string; readonly commonName: string; readonly email?: string }
  readonly every: string
  readonly timeout: string
  readonly maxSize: string
  readonly shrink: number
  readonly stale: string
  readonly old: string
  readonly closed: string
}
