import { answerBytes, type FhirAnswer, type FhirReads, type StoredResource } from '../../../src/core/fhir.ts'
import type { Arrival, Receipt, Refusal } from '../../../src/core/message.ts'
import { fhirPlugin } from '../../../src/entrances/fhir/fhir.ts'
import type { Validation } from '../../../src/entrances/fhir/validate.ts'
import { tokenPlugin } from '../../../src/entrances/http/token-endpoint.ts'
import { accessTokens } from '../../../src/entrances/http/tokens.ts'
import { realClock } from './clock.ts'
import { receiptFor } from './messages.ts'
import { notebook } from './notebook.ts'
import { openWebDoor, SECRET, type WebDoor, webRegion } from './web-door.ts'

/** A resource as a store would keep it: its own id and version, and a number that must stay as it is written. */
export function stored(type: string, id: string, version = 1): StoredResource {
  const json = `{"resourceType":"${type}","id":"${id}","meta":{"versionId":"${version}"},"valueDecimal":1.00}`
  return { type, id, version, updatedAtMs: Date.UTC(2026, 0, 5, 8), message: id, json }
}

/** Reads over these resources of `ch-laval`; every search is noted. */
export function readsOver(resources: readonly StoredResource[]): FhirReads & { searches: unknown[] } {
  const searches: unknown[] = []
  const visible = (establishment: string): readonly StoredResource[] => (establishment === 'ch-laval' ? resources : [])
  const own = (type: string, id: string, establishment: string) =>
    visible(establishment).filter((one) => one.type === type && one.id === id)
  return {
    searches,
    read: async (type, id, { establishment }) => own(type, id, establishment).at(-1) ?? null,
    version: async (type, id, version, { establishment }) =>
      own(type, id, establishment).find((one) => one.version === version) ?? null,
    async search(type, parameters, { count, after }, { establishment }) {
      searches.push({ type, parameters, count, after, establishment })
      const all = visible(establishment).filter((one) => one.type === type)
      const from = Number(after ?? 0)
      const next = from + count < all.length ? `${from + count}` : null
      return { total: all.length, resources: all.slice(from, from + count), next }
    },
  }
}

export interface FhirDoor extends WebDoor {
  readonly arrivals: readonly Arrival[]
  readonly base: string
  /** What accept decides, from the next request on. */
  decide: (arrival: Arrival) => Receipt | Refusal
}

/** A receipt that carries this answer. */
export function yes(answer: Partial<FhirAnswer> = {}): Receipt {
  return receiptFor(answerBytes({ status: 201, headers: {}, body: '{"resourceType":"Patient"}', ...answer }))
}

/** Opens a FHIR door and a token endpoint; accept says yes unless told otherwise. */
export async function openFhirDoor(
  wanted: Parameters<typeof openWebDoor>[1] & {
    readonly reads?: FhirReads
    readonly clients?: Parameters<typeof webRegion>[1]
    readonly useOnce?: (name: string) => Promise<boolean>
    readonly validation?: Validation
  } = {},
): Promise<FhirDoor> {
  const arrivals: Arrival[] = []
  const region = webRegion({}, wanted.clients ?? [])
  const clock = wanted.clock ?? realClock
  const accept = async (arrival: Arrival) => {
    arrivals.push(arrival)
    return opened.decide(arrival)
  }
  const notes = notebook()
  const { log, meter } = notes
  const used = new Set<string>()
  const once = async (name: string) => !used.has(name) && used.add(name) !== undefined
  const config = wanted.config ?? (() => region)
  const plugins = [
    fhirPlugin({
      accept,
      reads: wanted.reads ?? readsOver([]),
      ...(wanted.validation === undefined ? {} : { validation: wanted.validation }),
      secret: SECRET,
      clock,
      log,
      meter,
      version: '1.2.3',
    }),
    tokenPlugin({
      config,
      useOnce: wanted.useOnce ?? once,
      nowMs: () => clock.nowMs(),
      tokens: accessTokens(SECRET, clock),
      log,
    }),
  ]
  const door = await openWebDoor(plugins, { ...wanted, config, notes })
  const opened: FhirDoor = { ...door, arrivals, base: `${door.url}/fhir`, decide: () => yes() }
  return opened
}
