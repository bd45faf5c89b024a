import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { GatewayError } from '../../core/errors.ts'
import type { SearchParameter } from '../../core/fhir.ts'

/** A search and the place where its next page begins. */
export interface Page {
  readonly type: string
  readonly parameters: readonly SearchParameter[]
  readonly count: number
  readonly after: string | null
  /** Who asked: nobody else may go on with it. */
  readonly establishment: string
}

/** Writes a page as one opaque word for a URL, and reads it back. */
export interface PageTokens {
  write(page: Page): string
  /** @throws {GatewayError} BAD_REQUEST for a word that is none of ours */
  read(token: string): Page
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Page tokens that hold the whole search, encrypted (AES-256-GCM) with a key derived from the region's secret: what was
 * searched for, which may name a patient, is in no URL that can be read, and no node needs to remember a search. */
export function pageTokens(secret: Buffer): PageTokens {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'passerelle fhir page', 32))
  return {
    write(page) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      const sealed = [cipher.update(JSON.stringify(page), 'utf8'), cipher.final()]
      return Buffer.concat([nonce, ...sealed, cipher.getAuthTag()]).toString('base64url')
    },
    read(token) {
      const bytes = Buffer.from(token, 'base64url')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
          authTagLength: TAG_BYTES,
        })
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
        const opened = [decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]
        return JSON.parse(Buffer.concat(opened).toString('utf8')) as Page
      } catch (cause) {
        throw new GatewayError('BAD_REQUEST', undefined, { cause })
      }
    },
  }
}
