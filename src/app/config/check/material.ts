import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { pemCertificates, readRevocationLists } from '../../../formats/x509/revocation-list.ts'
import { type ReadMaterial, type Reference, referenceText } from '../material.ts'
import { error, type Fault, type Path, warning } from '../problem.ts'
import type { WrittenRegion, WrittenTls } from '../written.ts'
import { present } from './sound.ts'

/** How material that is not there is judged: an error where the gateway is to run, a warning where a file is only checked. */
export interface MaterialCheck {
  readonly read: ReadMaterial
  readonly nowMs: number
  readonly missing: 'error' | 'warning'
}

/** TLS material that is missing, unreadable, expired or does not belong together, at the doors and the destinations. */
export function materialFaults(region: WrittenRegion, check: MaterialCheck): Fault[] {
  const doors = Object.entries(region.entrances).flatMap(([name, door]) => {
    const tls = (door as { tls?: WrittenTls }).tls
    return tls ? tlsFaults(tls, ['entrances', name, 'tls'], check) : []
  })
  const destinations = present(region.establishments).flatMap(([i, one]) =>
    Object.entries(one.destinations).flatMap(([name, { tls, bearer }]) => {
      const at = ['establishments', i, 'destinations', name]
      const key = bearer === undefined ? [] : bearerFaults(bearer, [...at, 'bearer'], check)
      return tls ? [...tlsFaults(tls, [...at, 'tls'], check), ...key] : key
    }),
  )
  return [...doors, ...destinations]
}

/** A key of ours elsewhere is written nowhere but where the reference leads; what it is stays unsaid. */
function bearerFaults(bearer: Reference, path: Path, { read, missing }: MaterialCheck): Fault[] {
  if (typeof bearer === 'string') {
    return [error(path, 'SECRET_INLINE', 'a key is named, never written here: { file: PATH } or { env: NAME }')]
  }
  try {
    if (/^[\x21-\x7e]+$/.test(read(bearer).trim())) return []
    return [error(path, 'BAD_VALUE', `${referenceText(bearer)} holds no key of visible ASCII`)]
  } catch {
    return [{ ...error(path, 'FILE_MISSING', `${referenceText(bearer)} is not there`), severity: missing }]
  }
}

/** What is wrong with the files of a TLS identity that stands at `at`. */
export function tlsFaults(tls: WrittenTls, at: Path, check: MaterialCheck): Fault[] {
  const faults: Fault[] = []
  const read = (reference: Reference, part: string | number, ...rest: number[]): string | null => {
    const path = [...at, part, ...rest]
    if (JSON.stringify(reference).includes('-----BEGIN')) {
      faults.push(error(path, 'SECRET_INLINE', 'key material stands in a file of its own: write its path here'))
      return null
    }
    try {
      return check.read(reference)
    } catch (fault) {
      const missing = (fault as NodeJS.ErrnoException).code === 'ENOENT' || fault instanceof RangeError
      const message = `${referenceText(reference)} ${missing ? 'is not there' : 'cannot be read'}`
      faults.push({ ...error(path, 'FILE_MISSING', message), severity: missing ? check.missing : 'error' })
      return null
    }
  }
  const key = read(tls.key, 'key')
  const cert = read(tls.cert, 'cert')
  const ca = read(tls.ca, 'ca')
  const lists = present(tls.crl).map(([i, list]) => [read(list, 'crl', i), [...at, 'crl', i]] as const)
  if (ca !== null) {
    const then = tls.crlStale === 'refuse' ? 'whoever it covers is turned away' : 'it is used as it is'
    faults.push(
      ...revocationFaults(
        lists,
        ca,
        { then, missing: 'whoever it certified is turned away' },
        [...at, 'crl'],
        check.nowMs,
      ),
    )
  }
  const leaf = cert === null ? null : certificate(cert, [...at, 'cert'], faults, check.nowMs)
  if (ca !== null) certificate(ca, [...at, 'ca'], faults, check.nowMs)
  const wrong = key === null ? null : keyFault(key, leaf)
  if (wrong !== null) faults.push(error([...at, 'key'], 'TLS_MATERIAL', wrong))
  else if (key !== null && cert !== null && leaf !== null) {
    const refused = tlsRefusal({ key, cert })
    if (refused !== null) faults.push(error([...at, 'cert'], 'TLS_MATERIAL', refused))
  }
  return faults
}

/** What is wrong with the revocation lists of these authorities; `told`: what follows when one is stale, or missing. */
export function revocationFaults(
  files: readonly (readonly [text: string | null, path: Path])[],
  ca: string,
  told: { readonly then: string; readonly missing: string },
  at: Path,
  nowMs: number,
): Fault[] {
  const faults: Fault[] = []
  const lists = files.flatMap(([text, path]) => {
    try {
      return text === null ? [] : readRevocationLists(text).map((list) => ({ list, path }))
    } catch {
      faults.push(error(path, 'TLS_MATERIAL', 'this is no PEM revocation list'))
      return []
    }
  })
  if (lists.length === 0 || files.some(([text]) => text === null)) return faults
  for (const { list, path } of lists) {
    if (list.nextUpdateMs !== null && list.nextUpdateMs < nowMs) {
      faults.push(
        warning(
          path,
          'CRL_STALE',
          `the list should have been renewed by ${new Date(list.nextUpdateMs).toISOString()}: ${told.then}`,
        ),
      )
    }
  }
  for (const authority of pemCertificates(ca)) {
    if (lists.some(({ list }) => list.isOf(authority))) continue
    const name = authority.subject.replaceAll('\n', ', ')
    faults.push(warning(at, 'CRL_MISSING', `there is no revocation list signed by ${name}: ${told.missing}`))
  }
  return faults
}

function certificate(pem: string, path: Path, faults: Fault[], nowMs: number): X509Certificate | null {
  let found: X509Certificate
  try {
    found = new X509Certificate(pem)
  } catch {
    faults.push(error(path, 'TLS_MATERIAL', 'this is no PEM certificate'))
    return null
  }
  const until = Date.parse(found.validTo)
  if (nowMs > until || nowMs < Date.parse(found.validFrom)) {
    const message = `the certificate is valid from ${found.validFrom} to ${found.validTo}`
    faults.push(warning(path, 'CERTIFICATE_EXPIRED', message))
  }
  return found
}

/** What keeps a key from being that of its certificate; null: nothing. */
function keyFault(pem: string, leaf: X509Certificate | null): string | null {
  if (pem.includes('ENCRYPTED'))
    return 'the key has a passphrase: lay it here without one (openssl pkey -in KEY -out KEY)'
  try {
    const key = createPrivateKey(pem)
    return leaf === null || leaf.checkPrivateKey(key) ? null : 'this is not the key of the certificate'
  } catch {
    return 'this is no PEM private key'
  }
}

/** Why TLS takes no such identity, which could be read: a key or a signature that is too weak, most often. */
function tlsRefusal(identity: { readonly key: string; readonly cert: string }): string | null {
  try {
    createSecureContext(identity)
    return null
  } catch (fault) {
    const { code = 'refused' } = fault as NodeJS.ErrnoException
    return `TLS does not take this certificate (${code})${/SMALL|WEAK/.test(code) ? ': its key or signature is too weak' : ''}`
  }
}
