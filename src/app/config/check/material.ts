import { createPrivateKey, X509Certificate } from 'node:crypto'
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
    Object.entries(one.destinations).flatMap(([name, { tls }]) =>
      tls ? tlsFaults(tls, ['establishments', i, 'destinations', name, 'tls'], check) : [],
    ),
  )
  return [...doors, ...destinations]
}

function tlsFaults(tls: WrittenTls, at: Path, check: MaterialCheck): Fault[] {
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
  for (const [i, list] of present(tls.crl)) {
    const text = read(list, 'crl', i)
    if (text !== null && !text.includes('-----BEGIN X509 CRL-----')) {
      faults.push(error([...at, 'crl', i], 'TLS_MATERIAL', `${referenceText(list)} holds no PEM revocation list`))
    }
  }
  const leaf = cert === null ? null : certificate(cert, [...at, 'cert'], faults, check.nowMs)
  if (ca !== null) certificate(ca, [...at, 'ca'], faults, check.nowMs)
  if (key !== null && !keyFits(key, leaf)) {
    faults.push(
      error([...at, 'key'], 'TLS_MATERIAL', leaf ? 'this is not the key of the certificate' : 'this is no private key'),
    )
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

function keyFits(pem: string, leaf: X509Certificate | null): boolean {
  try {
    const key = createPrivateKey(pem)
    return leaf === null || leaf.checkPrivateKey(key)
  } catch {
    return false
  }
}
