import { createHmac } from 'node:crypto'

/**
 * What a patient identifier is stored and searched as: base64url of the first 12 bytes of
 * HMAC-SHA256(region secret, `authority|identifier`). The identifier cannot be read back from it. */
export function searchKey(secret: Uint8Array, authority: string, identifier: string): string {
  return createHmac('sha256', secret)
    .update(`${authority}|${identifier}`)
    .digest()
    .subarray(0, 12)
    .toString('base64url')
}
