import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'

/** Cost of new hashes (RFC 7914): 128 MiB and some 0.4 s, off the main thread. */
const COST = { N: 131_072, r: 8, p: 1 }
const LENGTH = 32
const MAX_MEMORY = 536_870_912
/** Shortest password of an emergency account (characters). */
export const LEAST_LENGTH = 14

function derived(password: string, salt: Buffer, { N, r, p }: typeof COST): Promise<Buffer> {
  const options: ScryptOptions = { N, r, p, maxmem: MAX_MEMORY }
  return new Promise((resolve, reject) =>
    // The same characters typed on another keyboard are the same password.
    scrypt(password.normalize('NFKC'), salt, LENGTH, options, (fault, key) => (fault ? reject(fault) : resolve(key))),
  )
}

/** `scrypt$N$r$p$salt$hash` of a password. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derived(password, salt, COST)
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$')
}

/** Is it the password of this hash? False for a hash that is none, or costs more than 512 MiB. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const [kind, N, r, p, salt = '', key = ''] = hash.split('$')
  const expected = Buffer.from(key, 'base64url')
  if (kind !== 'scrypt' || expected.length !== LENGTH) return false
  try {
    const found = await derived(password, Buffer.from(salt, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) })
    return timingSafeEqual(found, expected)
  } catch {
    return false
  }
}

/** A hash that no password has, so that an account that is not there takes as long as one that is. */
export const NOBODY: string = ['scrypt', COST.N, COST.r, COST.p, 'A'.repeat(22), 'A'.repeat(43)].join('$')
