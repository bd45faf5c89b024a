import { durationMs } from '../../../core/units.ts'
import { parseDistinguishedName } from '../../../formats/x509/distinguished-name.ts'
import { pemCertificates } from '../../../formats/x509/revocation-list.ts'
import { referenceText } from '../material.ts'
import { error, type Fault, type Path, warning } from '../problem.ts'
import type { WrittenMail, WrittenWhiteList } from '../written-mail.ts'
import { type MaterialCheck, revocationFaults } from './material.ts'

const AT = ['mail', 'whiteList']

/** What of `mail` the schema cannot say: the signer's issuer is a name, the ages rise, the authorities are there. */
export function mailFaults(mail: WrittenMail | undefined, { read, missing, nowMs }: MaterialCheck): Fault[] {
  const list = mail?.whiteList
  if (list === undefined) return []
  const faults: Fault[] = []
  try {
    parseDistinguishedName(list.signer.issuer)
  } catch {
    faults.push(error([...AT, 'signer', 'issuer'], 'BAD_VALUE', 'this is no name such as CN=…,O=…,C=FR'))
  }
  const [stale, old, closed] = [list.stale, list.old, list.closed].map(durationMs) as [number, number, number]
  if (stale > old || old > closed) {
    faults.push(error([...AT, 'closed'], 'BAD_VALUE', 'stale, old and closed follow each other in this order'))
  }
  if (JSON.stringify(list.ca).includes('-----BEGIN')) {
    return [...faults, error([...AT, 'ca'], 'SECRET_INLINE', 'certificates stand in a file: write its path here')]
  }
  try {
    const ca = read(list.ca)
    const found = pemCertificates(ca)
    faults.push(...crlFaults(list, ca, { read, missing, nowMs }))
    if (found.length === 0) faults.push(error([...AT, 'ca'], 'TLS_MATERIAL', 'there is no PEM certificate in it'))
    else if (found.every((one) => one.validToDate.getTime() < nowMs)) {
      faults.push(warning([...AT, 'ca'], 'CERTIFICATE_EXPIRED', 'every certificate in it is over'))
    }
  } catch (fault) {
    const gone = (fault as NodeJS.ErrnoException).code === 'ENOENT' || fault instanceof RangeError
    const message = gone ? `${referenceText(list.ca)} is not there` : 'this is no PEM certificate'
    faults.push({
      ...error([...AT, 'ca'], gone ? 'FILE_MISSING' : 'TLS_MATERIAL', message),
      severity: gone ? missing : 'error',
    })
  }
  return faults
}

function crlFaults(
  list: WrittenWhiteList,
  ca: string,
  check: Pick<MaterialCheck, 'read' | 'missing' | 'nowMs'>,
): Fault[] {
  const faults: Fault[] = []
  const at = [...AT, 'crl']
  const texts = (list.crl ?? []).map((reference, i): readonly [string | null, Path] => {
    try {
      return [check.read(reference), [...at, i]]
    } catch {
      const gone = error([...at, i], 'FILE_MISSING', `${referenceText(reference)} cannot be read`)
      faults.push({ ...gone, severity: check.missing })
      return [null, [...at, i]]
    }
  })
  const then = list.crlStale === 'warn' ? 'it is used as it is' : 'no white list is taken'
  return [...faults, ...revocationFaults(texts, ca, { then, missing: 'no white list is taken' }, at, check.nowMs)]
}
