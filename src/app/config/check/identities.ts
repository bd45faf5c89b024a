import { PLATFORM } from '../../../core/message.ts'
import { finessKeyHolds } from '../../../formats/identifiers/finess.ts'
import { parseDistinguishedName } from '../../../formats/x509/distinguished-name.ts'
import { error, type Fault, type Path, type ProblemCode, pathText, warning } from '../problem.ts'
import type { WrittenEstablishment, WrittenRegion } from '../written.ts'
import { present } from './sound.ts'

/** Who is who: ids, names, facilities, certificates and keys that two parties claim, FINESS keys, the time zone. Pure. */
export function identityFaults(region: WrittenRegion): Fault[] {
  const claims = new Claims()
  const faults: Fault[] = []
  for (const [i, operator] of present(region.operators)) {
    claims.take('operator', operator.name, ['operators', i, 'name'], 'NAME_TWICE', 'operator')
    takeKey(claims, operator.keySha256, ['operators', i, 'keySha256'], `operator ${operator.name}`)
  }
  for (const [i, establishment] of present(region.establishments)) {
    faults.push(...establishmentFaults(establishment, ['establishments', i], claims))
  }
  for (const [i, route] of present(region.routes)) {
    claims.take('route', route.name, ['routes', i, 'name'], 'NAME_TWICE', 'route')
  }
  if (!timeZoneExists(region.region.timeZone)) {
    faults.push(error(['region', 'timeZone'], 'BAD_VALUE', `${region.region.timeZone} is no IANA time zone`))
  }
  if (!isPattern(region.identities.matricule)) {
    faults.push(error(['identities', 'matricule'], 'BAD_VALUE', 'this is no regular expression'))
  }
  return [...faults, ...claims.faults]
}

function establishmentFaults(one: WrittenEstablishment, at: Path, claims: Claims): Fault[] {
  const faults: Fault[] = []
  if (one.id === PLATFORM) {
    faults.push(
      error([...at, 'id'], 'NAME_RESERVED', `${PLATFORM} is the destination inside the gateway: take another id`),
    )
  }
  claims.take('id', one.id, [...at, 'id'], 'ID_TWICE', 'establishment')
  const finess: [string, Path][] = present(one.finess.eg).map(([j, number]) => [number, [...at, 'finess', 'eg', j]])
  if (one.finess.ej !== undefined) finess.push([one.finess.ej, [...at, 'finess', 'ej']])
  for (const [number, path] of finess) {
    if (!finessKeyHolds(number)) {
      faults.push(warning(path, 'FINESS_KEY', `the last digit of ${number} is not its key: look for a mistyped digit`))
    }
  }
  for (const [j, facility] of present(one.senders.facilities)) {
    claims.take('facility', facility, [...at, 'senders', 'facilities', j], 'FACILITY_TWICE', one.id)
  }
  for (const [j, { issuer, subject }] of present(one.senders.certificates)) {
    const path = [...at, 'senders', 'certificates', j]
    const keys = (['issuer', 'subject'] as const).map((part) => {
      const key = nameKey({ issuer, subject }[part])
      const message = `${part} is no distinguished name: "CN=gam.example,O=Example,C=FR" is one (RFC 4514)`
      if (key === null) faults.push(error([...path, part], 'DISTINGUISHED_NAME', message))
      return key
    })
    if (keys.includes(null)) continue
    claims.take('certificate', keys.join('\n'), path, 'CERTIFICATE_TWICE', one.id, `the certificate of ${subject}`)
  }
  for (const [j, { clientId }] of present(one.clients)) {
    claims.take('client', clientId, [...at, 'clients', j, 'clientId'], 'ID_TWICE', one.id)
  }
  for (const [j, key] of present(one.senders.keys)) {
    takeKey(claims, key.keySha256, [...at, 'senders', 'keys', j, 'keySha256'], one.id)
  }
  return faults
}

function nameKey(name: string): string | null {
  try {
    return parseDistinguishedName(name).key
  } catch {
    return null
  }
}

function takeKey(claims: Claims, reference: unknown, path: Path, owner: string): void {
  claims.take('key', JSON.stringify(reference), path, 'KEY_TWICE', owner, 'this key')
}

/** Remembers who claimed what first. */
class Claims {
  readonly faults: Fault[] = []
  readonly #taken = new Map<string, { path: Path; owner: string }>()

  take(sort: string, value: string, path: Path, code: ProblemCode, owner: string, called = value): void {
    const first = this.#taken.get(`${sort}\n${value}`)
    if (first) this.faults.push(error(path, code, `${called} is already at ${pathText(first.path)} (${first.owner})`))
    else this.#taken.set(`${sort}\n${value}`, { path, owner })
  }
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}

function timeZoneExists(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}
