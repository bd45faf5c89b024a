import { once } from 'node:events'
import http from 'node:http'
import type { Socket } from 'node:net'
import { controlIdOf } from './frame.ts'
import { ledgerBook } from './ledger.ts'
import { type Accepted, acknowledgementOf, type Receiver, type Script } from './receiver.ts'

/** What a posted FHIR body is known by: the value of its (first) identifier; '' when it has none. */
export function fhirIdOf(body: string): string {
  return /"identifier":\[?\{[^}]*?"value":"([^"]*)"/.exec(body)?.[1] ?? ''
}

/**
 * An independent web server with a ledger: HL7 v2 at `/hl7`, FHIR at `/fhir`. A line of FHIR bears the identifier; a create
 * that comes again and whose If-None-Exist does not name it is written down as `UNCONDITIONAL`, since it would make a double; an
 * update bears `Type/id`. The script knows `AA`, `silent`, `cut` and `{ lateMs }`; anything else is a plain 500. */
export async function openWebReceiver(
  port: number,
  script: Script = () => 'AA',
  accepted: Accepted = () => {},
  keeps = false,
): Promise<Receiver> {
  const book = ledgerBook(port, script, keeps)
  const numbers = new Map<Socket, number>()
  const seen = new Set<string>()
  let connections = 0
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const isFhir = request.url?.startsWith('/fhir') === true
      const controlId = isFhir ? conditionalId(request, body.toString('utf8'), seen) : controlIdOf(body)
      const behaviour = book.write(controlId, body, numbers.get(request.socket) ?? 0)
      const said = isFhir ? created(request.url ?? '') : acknowledged(controlId)
      if (typeof behaviour === 'object') setTimeout(() => said(response), behaviour.lateMs)
      else if (behaviour === 'AA') said(response)
      else if (behaviour === 'cut') request.socket.resetAndDestroy()
      else if (behaviour !== 'silent') response.writeHead(500).end()
      book.look()
    })
  })
  server.on('connection', (socket) => {
    numbers.set(socket, ++connections)
    accepted(connections, socket.remotePort ?? 0)
    socket.on('close', () => numbers.delete(socket))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(book.receiver, {
    port,
    connections: () => connections,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  })
}

function conditionalId({ url = '', method, headers }: http.IncomingMessage, body: string, seen: Set<string>): string {
  if (method === 'PUT') return url.slice('/fhir/'.length)
  const id = fhirIdOf(body)
  if (url === '/fhir' || url === '/fhir/') return id
  const first = !seen.has(id)
  seen.add(id)
  const asked = headers['if-none-exist']
  if (asked === undefined) return first && id !== '' ? id : 'UNCONDITIONAL'
  const named = String(asked)
    .split('&')
    .some((one) => decodeURIComponent(one).endsWith(`|${id}`))
  return named && id !== '' ? id : 'UNCONDITIONAL'
}

type Say = (response: http.ServerResponse) => void

const created =
  (url: string): Say =>
  (response) => {
    if (url !== '/fhir' && url !== '/fhir/')
      return void response.writeHead(201, { location: `${url}/1/_history/1` }).end()
    response.writeHead(200, { 'content-type': 'application/fhir+json' })
    response.end('{"resourceType":"Bundle","type":"transaction-response"}')
  }

const acknowledged =
  (controlId: string): Say =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/hl7-v2' }).end(acknowledgementOf('AA', controlId))
  }
