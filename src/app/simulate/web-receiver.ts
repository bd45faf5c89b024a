import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { listening, type Receiver, simulatedAnswer } from './receiver.ts'

/** Longest message a simulated system takes (bytes). */
const MAX_BODY_BYTES = 20 * 1024 ** 2

/** What a simulated system says to a whole request. */
type Answering = (request: IncomingMessage, body: Buffer, n: number) => Said
interface Said {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** A simulated system that takes HL7 v2 over HTTP and answers AA in 200, or 400 to what is none. */
export function startHttpReceiver(host: string, port: number, timeZone: string): Promise<Receiver> {
  return startWebReceiver(host, port, (_request, body, n) => {
    const answer = simulatedAnswer(body, `SIM${port}-${n}`, Date.now(), timeZone)
    if (answer === null) return { status: 400 }
    return { status: 200, headers: { 'content-type': 'application/hl7-v2' }, body: answer }
  })
}

/**
 * A simulated FHIR server that keeps nothing: 201 to a create, 200 to an update, and to a Bundle the response that its type
 * asks for; 400 to what is no JSON. */
export function startFhirReceiver(host: string, port: number, basePath: string): Promise<Receiver> {
  return startWebReceiver(host, port, (request, body, n) => fhirAnswer(request, body, basePath, n))
}

function fhirAnswer({ method, url = '' }: IncomingMessage, body: Buffer, basePath: string, n: number): Said {
  const headers = { 'content-type': 'application/fhir+json' }
  const json = (status: number, value: unknown): Said => ({ status, headers, body: JSON.stringify(value) })
  const { pathname } = new URL(url, 'http://simulated')
  const place = pathname.slice(basePath.length).replace(/^\//, '')
  if (method === 'GET') {
    const statement = { resourceType: 'CapabilityStatement', status: 'active', kind: 'instance', fhirVersion: '4.0.1' }
    return place === 'metadata' ? json(200, statement) : { status: 404 }
  }
  const posted = resource(body)
  if (posted === null) {
    return json(400, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'structure' }] })
  }
  if (method === 'PUT') return { status: 200 }
  const entries = Array.isArray(posted.entry) ? posted.entry : []
  if (place === '$process-message') {
    const header = entries[0]?.resource as { id?: string } | undefined
    const response = { identifier: header?.id ?? String(n), code: 'ok' }
    const answer = {
      resourceType: 'MessageHeader',
      eventUri: 'urn:simulated',
      response,
      source: { endpoint: 'urn:simulated' },
    }
    return json(200, { resourceType: 'Bundle', type: 'message', entry: [{ resource: answer }] })
  }
  if (place === '') {
    const entry = entries.map(() => ({ response: { status: '201 Created' } }))
    return json(200, { resourceType: 'Bundle', type: `${String(posted.type)}-response`, entry })
  }
  return { status: 201, headers: { ...headers, location: `${basePath}/${place}/sim-${n}/_history/1` } }
}

/** Just what is looked at of a resource. */
interface Posted {
  readonly resourceType: string
  readonly type?: unknown
  readonly entry?: readonly { readonly resource?: unknown }[]
}

function resource(body: Buffer): Posted | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return typeof value === 'object' && value !== null && 'resourceType' in value ? (value as Posted) : null
  } catch {
    return null
  }
}

/** Starts one on `host` and `port` (0: any free one). @throws the socket's error when the address cannot be bound */
async function startWebReceiver(host: string, port: number, answering: Answering): Promise<Receiver> {
  let received = 0
  const answer = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    if (request.method !== 'GET') received += 1
    const { status, headers = {}, body: said = '' } = answering(request, body, received)
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(said) }).end(said)
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('error', () => {})
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > MAX_BODY_BYTES) request.socket.destroy()
      else chunks.push(chunk)
    })
    request.on('end', () => answer(request, response, Buffer.concat(chunks)))
  })
  await listening(server, host, port)
  const address = server.address()
  return {
    host,
    port: typeof address === 'object' && address ? address.port : port,
    received: () => received,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
