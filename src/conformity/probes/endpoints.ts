import type { Config, SystemTarget, Target, TlsFiles } from '../../core/config.ts'
import { PROBES, type ProbeKind } from '../../core/conformity.ts'
import type { Endpoint } from '../../core/probes.ts'
import { standingWays } from '../../core/ways.ts'

/** Where a connection goes. `secure`: over TLS, with `tls` or, where that is null, no certificate and the public authorities. */
export interface ProbeAddress {
  readonly host: string
  readonly port: number
  readonly secure: boolean
  readonly tls: TlsFiles | null
}

/** Which ways out a kind looks at. What sends a message or writes looks at qualification only. */
const LOOKS_AT: Readonly<Record<ProbeKind, (endpoint: Endpoint) => boolean>> = {
  tls: ({ target }) => isSystem(target),
  mllp: ({ target }) => target.type === 'mllp',
  'fhir-capability': ({ target }) => target.type === 'fhir',
  'fhir-exchange': ({ target, use }) => target.type === 'fhir' && use === 'qualification',
  mail: ({ target }) => target.type === 'smtp' || target.type === 'maildir',
  dicomweb: ({ target }) => target.type === 'dicomweb',
  clock: ({ target, use }) => isSystem(target) && (target.type !== 'mllp' || use === 'qualification'),
}

/**
 * What a probe of this kind asks of an establishment: its ways out of the running configuration, and nothing else can ever
 * be asked, for only these have an address. Pure. */
export function endpointsOf(
  config: Pick<Config, 'destinations' | 'mail'>,
  establishment: string,
  kind: ProbeKind,
): readonly Endpoint[] {
  return standingWays(config).filter((way) => way.establishment === establishment && LOOKS_AT[kind](way))
}

/** What probes of each kind ask of an establishment for one use, by id. Pure. */
export function endpointsByKind(
  config: Pick<Config, 'destinations' | 'mail'>,
  { establishment, use }: Pick<Endpoint, 'establishment' | 'use'>,
): ReadonlyMap<ProbeKind, readonly string[]> {
  const own = standingWays(config).filter((way) => way.establishment === establishment && way.use === use)
  return new Map(PROBES.map((kind) => [kind, own.filter(LOOKS_AT[kind]).map(({ id }) => id)]))
}

/** Where an endpoint is asked and as whose: what its results hold for, whatever its name. `finess`: of its establishment. Pure. */
export function askedAt({ id, target }: Pick<Endpoint, 'id' | 'target'>, finess: string | null): string {
  const { type } = target
  const place = !isSystem(target) ? id : target.type === 'mllp' ? `${target.host}:${target.port}` : target.url
  return [type, place, ...(finess === null ? [] : [finess])].join(' ')
}

/** Where each endpoint is asked now, by its id. Pure. */
export function askedNow(
  config: Pick<Config, 'destinations' | 'mail' | 'establishments'>,
): ReadonlyMap<string, string> {
  const finess = (id: string): string | null => config.establishments.get(id)?.finess.ej ?? null
  return new Map(standingWays(config).map((way) => [way.id, askedAt(way, finess(way.establishment))]))
}

/** Where a system is. Pure. */
export function addressOf(target: SystemTarget): ProbeAddress {
  const { tls } = target
  if (target.type === 'mllp') return { host: target.host, port: target.port, secure: tls !== null, tls }
  const url = new URL(target.url)
  const secure = url.protocol === 'https:'
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || (secure ? 443 : 80), secure, tls }
}

function isSystem(target: Target): target is SystemTarget {
  return target.type !== 'smtp' && target.type !== 'maildir'
}
