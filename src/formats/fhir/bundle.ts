/** Bundles (FHIR R4 bundle.html): their entries, and what each type of Bundle asks of them. */
import { isObject, type JsonObject, object, objects, text } from './json-value.ts'
import type { ProblemCode } from './problem.ts'

/** An entry, as far as it is there. */
export interface BundleEntry {
  /** FHIRPath such as `Bundle.entry[2]`. */
  readonly place: string
  readonly fullUrl: string | null
  readonly resource: JsonObject | null
  /** Type of the resource, or null. */
  readonly type: string | null
  readonly request: BundleRequest | null
}

/** What a transaction or batch asks of an entry; conditions as written, null when absent. */
export interface BundleRequest {
  /** '' when absent. */
  readonly method: string
  /** '' when absent. */
  readonly url: string
  readonly ifMatch: string | null
  readonly ifNoneMatch: string | null
  readonly ifNoneExist: string | null
}

const TYPES: ReadonlySet<string> = new Set([
  'document',
  'message',
  'transaction',
  'transaction-response',
  'batch',
  'batch-response',
  'history',
  'searchset',
  'collection',
])
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH'])
const WITH_RESOURCE: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])
/** The first resource of a Bundle that has one (bdl-11, bdl-12). */
const FIRST: Readonly<Record<string, string>> = { message: 'MessageHeader', document: 'Composition' }

/** The entries in order; none when the resource is no Bundle. */
export function entriesOf(bundle: JsonObject): BundleEntry[] {
  if (bundle['resourceType'] !== 'Bundle') return []
  return objects(bundle['entry']).map((entry, i) => {
    const resource = object(entry['resource'])
    const request = object(entry['request'])
    return {
      place: `Bundle.entry[${i}]`,
      fullUrl: text(entry['fullUrl']),
      resource,
      type: text(resource?.['resourceType']),
      request:
        request === null
          ? null
          : {
              method: text(request['method']) ?? '',
              url: text(request['url']) ?? '',
              ifMatch: text(request['ifMatch']),
              ifNoneMatch: text(request['ifNoneMatch']),
              ifNoneExist: text(request['ifNoneExist']),
            },
    }
  })
}

/**
 * Tells `fault` of every entry that the Bundle's type does not allow: a type of the value set; resources that say what
 * they are; method and URL for each entry of a transaction or batch, and something to write; each fullUrl once in a
 * transaction (bdl-7); MessageHeader or Composition first. */
export function bundleFaults(bundle: JsonObject, fault: (code: ProblemCode, place: string) => void): void {
  const type = bundle['type']
  if (type === undefined) fault('required', 'Bundle.type')
  else if (typeof type !== 'string' || !TYPES.has(type)) fault('value', 'Bundle.type')
  const { entry } = bundle
  if (entry !== undefined && !(Array.isArray(entry) && entry.every(isObject))) fault('structure', 'Bundle.entry')
  const entries = entriesOf(bundle)
  for (const { place, type: of, resource } of entries) {
    if (resource !== null && of === null) fault('required', `${place}.resource.resourceType`)
  }
  if (type === 'transaction' || type === 'batch') {
    for (const one of entries) requestFaults(one, fault)
  }
  if (type === 'transaction') {
    const seen = new Set<string>()
    for (const { fullUrl, place } of entries) {
      if (fullUrl !== null && seen.has(fullUrl)) fault('value', `${place}.fullUrl`)
      else if (fullUrl !== null) seen.add(fullUrl)
    }
  }
  const first = typeof type === 'string' ? FIRST[type] : undefined
  if (first !== undefined && entries[0]?.type !== first) fault('required', 'Bundle.entry[0].resource')
}

function requestFaults(entry: BundleEntry, fault: (code: ProblemCode, place: string) => void): void {
  const { request, place, resource } = entry
  if (request === null) {
    fault('required', `${place}.request`)
    return
  }
  if (!METHODS.has(request.method)) fault(request.method === '' ? 'required' : 'value', `${place}.request.method`)
  if (request.url === '') fault('required', `${place}.request.url`)
  if (WITH_RESOURCE.has(request.method) && resource === null) fault('required', `${place}.resource`)
  // The URL of a create is the type and nothing else (http.html §3.1.0.8); an operation has a `$`.
  const wrongUrl = request.url !== '' && request.url !== entry.type && !request.url.includes('$')
  if (request.method === 'POST' && wrongUrl) fault('value', `${place}.request.url`)
}

/** The resources that a Bundle carries, in order; of another resource, itself. */
export function resourcesOf(resource: JsonObject): JsonObject[] {
  if (resource['resourceType'] !== 'Bundle') return [resource]
  return objects(resource['entry'])
    .map((entry) => entry['resource'])
    .filter(isObject)
}
