import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A short message as the provider was posted it; one that is posted twice bears one id. */
export interface ShortMessage {
  readonly to: string
  readonly text: string
  readonly id: string
}

/** A provider of short messages that takes whatever it is posted. */
export interface ShortMessages {
  readonly taken: readonly ShortMessage[]
  /** `telemedicine.sms` of region.yaml. */
  readonly settings: { readonly url: string; readonly body: string; readonly contentType: string }
  close(): void
}

/** Opens one on a free port of 127.0.0.1. */
export async function openShortMessages(): Promise<ShortMessages> {
  const taken: ShortMessage[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    taken.push(JSON.parse(body))
    response.writeHead(202).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sms`
  return {
    taken,
    settings: { url, body: '{"to":"{to}","text":"{text}","id":"{id}"}', contentType: 'application/json' },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
