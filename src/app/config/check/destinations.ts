import { isLoopback } from '../../../core/address.ts'
import { durationMs } from '../../../core/units.ts'
import { error, type Fault, type Path } from '../problem.ts'
import type { WrittenDestination, WrittenRegion } from '../written.ts'
import { present } from './sound.ts'

const NEEDED = { mllp: ['host', 'port'], fhir: ['url'], http: ['url'], dicomweb: ['url'] } as const
const OF_ARCHIVES = ['issuer', 'oid', 'patientIds'] as const
const FOREIGN = {
  mllp: ['url', 'bearer', 'allowPlain', ...OF_ARCHIVES],
  fhir: ['host', 'port', ...OF_ARCHIVES],
  http: ['host', 'port', ...OF_ARCHIVES],
  dicomweb: ['host', 'port', 'charset', 'onUnknown', 'ackPolicy'],
} as const

/** Destinations without what their type needs, with what it does not know, or at an address that gives something away. Pure. */
export function destinationFaults(region: WrittenRegion): Fault[] {
  return present(region.establishments).flatMap(([i, one]) =>
    Object.entries(one.destinations).flatMap(([name, way]) =>
      faultsOf(way, ['establishments', i, 'destinations', name]),
    ),
  )
}

function faultsOf(way: WrittenDestination, at: Path): Fault[] {
  const faults: Fault[] = NEEDED[way.type]
    .filter((key) => way[key] === undefined)
    .map((key) => error(at, 'MISSING', `${key} is missing`))
  for (const key of FOREIGN[way.type]) {
    if (way[key as keyof WrittenDestination] === undefined || way[key as keyof WrittenDestination] === false) continue
    faults.push({ ...error([...at, key], 'UNKNOWN_KEY', `${key} is no setting of type ${way.type}`), onKey: true })
  }
  if (way.type !== 'mllp' && way.url !== undefined) {
    const problem = urlProblem(way.url, way)
    if (problem) faults.push(error([...at, 'url'], problem.code, problem.message))
  }
  if (durationMs(way.retry.first) > durationMs(way.retry.max)) {
    const message = `first (${way.retry.first}) is longer than max (${way.retry.max})`
    faults.push(error([...at, 'retry'], 'RETRY_ORDER', message))
  }
  return faults
}

/** What is wrong with an address whatever it is for, or null. It is never repeated: it may hold a password. */
export function addressProblem(text: string): string | null {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return 'this is no http or https address'
  if (url.username !== '' || url.password !== '') return 'no name or password in an address'
  return /[?#]/.test(text) ? 'an address ends with its path: no ? and no #' : null
}

function urlProblem(
  text: string,
  way: WrittenDestination,
): { code: 'BAD_URL' | 'PLAIN_DESTINATION'; message: string } | null {
  const bad = (message: string) => ({ code: 'BAD_URL' as const, message })
  const problem = addressProblem(text)
  if (problem !== null) return bad(problem)
  const url = new URL(text)
  if (url.protocol === 'https:') return null
  if (way.tls) return bad('tls needs an https address')
  if (isLoopback(url.hostname) || way.allowPlain) return null
  const message = `plain http to ${url.hostname}: use https, or set allowPlain where the network is trusted`
  return { code: 'PLAIN_DESTINATION', message }
}
