/** One-time codes by time (RFC 6238 over RFC 4226): HMAC-SHA-1, six digits, steps of 30 s. Pure. */
import { createHmac, timingSafeEqual } from 'node:crypto'

const STEP_MS = 30_000
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The step that a time (ms since 1970) is in. */
export function stepAt(atMs: number): number {
  return Math.floor(atMs / STEP_MS)
}

/** When a step is over, with the one after it in which it still counts (ms since 1970). */
export function stepUntilMs(step: number): number {
  return (step + 2) * STEP_MS
}

/** The code of a step. */
export function totp(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const at = mac[19]! & 0xf
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** The step whose code this is, of the one now and its neighbours (§5.2); null: none. */
export function matchingStep(secret: Uint8Array, code: string, nowMs: number): number | null {
  if (!/^\d{6}$/.test(code)) return null
  const now = stepAt(nowMs)
  const shown = Buffer.from(code)
  // All are compared, so that the time taken tells nothing.
  const found = [now, now - 1, now + 1].filter((step) => timingSafeEqual(Buffer.from(totp(secret, step)), shown))
  return found[0] ?? null
}

/** Bytes as base32 (RFC 4648 §6), without padding. */
export function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}

/** The bytes again. @throws {RangeError} for what is no base32 */
export function fromBase32(text: string): Uint8Array {
  const plain = text.replace(/=+$/, '').toUpperCase()
  if (!/^[A-Z2-7]*$/.test(plain)) throw new RangeError('no base32')
  const bits = [...plain].map((sign) => ALPHABET.indexOf(sign).toString(2).padStart(5, '0')).join('')
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (eight) => Number.parseInt(eight, 2))
}

/** The address that an authenticator application reads a secret from, as text or as a picture. */
export function otpauth(issuer: string, account: string, secret: Uint8Array): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}`
}
