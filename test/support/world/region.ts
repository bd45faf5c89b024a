import { createHash } from 'node:crypto'

/** The operator's key of every proof region. */
export const OPERATOR_KEY = 'proof-operator-key'

/** The key of a sender on the HTTP door, by its MSH-4. */
export function senderKey(facility: string): string {
  return `proof-${facility.toLowerCase()}-key`
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** One destination of a proof region; `options` are region.yaml's own words (`timeout`, `retry`, `maxInFlight` …). */
export interface DestinationSpec {
  readonly establishment: string
  readonly name: string
  readonly port: number
  /** Default mllp; the others are posted to `/hl7` and `/fhir`. */
  readonly type?: 'mllp' | 'http' | 'fhir'
  readonly options?: Readonly<Record<string, unknown>>
}

/** What a proof region holds. */
export interface RegionSpec {
  readonly mllpPort: number
  readonly httpPort: number
  /** MSH-4 of each sending establishment; its id is the name in lower case. */
  readonly sources: readonly string[]
  readonly destinations: readonly DestinationSpec[]
  readonly routes: readonly Readonly<Record<string, unknown>>[]
  /** More keys of establishments, by id; more destinations among them. */
  readonly establishments?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** More keys of `entrances.mllp`. */
  readonly door?: Readonly<Record<string, unknown>>
  /** More top-level keys. */
  readonly top?: Readonly<Record<string, unknown>>
}

/** An invented FINESS number: nine digits, the last one Luhn's. */
export function finess(n: number): string {
  const digits = `44${String(900_000 + n).padStart(6, '0')}`
  let sum = 0
  for (const [i, c] of [...digits].reverse().entries()) {
    const d = Number(c) * (i % 2 === 0 ? 2 : 1)
    sum += d > 9 ? d - 9 : d
  }
  return `${digits}${(10 - (sum % 10)) % 10}`
}

function address({ type = 'mllp', port }: DestinationSpec): Readonly<Record<string, unknown>> {
  if (type === 'mllp') return { type, host: '127.0.0.1', port }
  return { type, url: `http://127.0.0.1:${port}/${type === 'fhir' ? 'fhir' : 'hl7'}` }
}

/** The region file, as JSON, which is YAML. */
export function regionFile(spec: RegionSpec): string {
  const senders = spec.sources.map((name) => name.toLowerCase())
  const receivers = new Set(spec.destinations.map((d) => d.establishment).filter((id) => !senders.includes(id)))
  const establishments = [
    ...spec.sources.map((name) => ({ id: name.toLowerCase(), facilities: [name] })),
    ...[...receivers].map((id) => ({ id, facilities: [] as string[] })),
  ].map(({ id, facilities }, n) => ({
    id,
    name: `Centre hospitalier ${id} (fictif)`,
    finess: { ej: finess(n), eg: [] },
    kind: 'hospital',
    senders: {
      facilities: [...facilities, finess(n)],
      keys: facilities.map((facility) => ({ keySha256: sha256(senderKey(facility)) })),
    },
    ...spec.establishments?.[id],
    destinations: {
      ...Object.fromEntries(
        spec.destinations
          .filter((d) => d.establishment === id)
          .map((d) => [d.name, { ...address(d), use: 'qualification', ...d.options }]),
      ),
      ...(spec.establishments?.[id]?.['destinations'] as object | undefined),
    },
  }))
  return JSON.stringify(
    {
      region: { name: 'Région des preuves', timeZone: 'Europe/Paris', locale: 'fr' },
      entrances: {
        mllp: { host: '127.0.0.1', port: spec.mllpPort, ...spec.door },
        http: { host: '127.0.0.1', port: spec.httpPort },
      },
      operators: [{ name: 'proof', role: 'admin', keySha256: sha256(OPERATOR_KEY) }],
      establishments,
      routes: spec.routes,
      ...spec.top,
    },
    null,
    2,
  )
}
