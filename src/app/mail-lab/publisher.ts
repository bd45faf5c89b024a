import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import { join } from 'node:path'
import { listening } from '../simulate/receiver.ts'

/** The publisher of a lab's white list. */
export interface Publisher {
  readonly port: number
  /** Stops when it runs, runs again when it was stopped; true: it runs now. */
  toggle(): Promise<boolean>
  close(): Promise<void>
}

/**
 * Serves `list.xml` of a lab's folder over HTTPS on 127.0.0.1, as it is on the disk at each request, so that what is done to
 * it is seen. @throws the socket's error when the port is taken */
export async function startPublisher(trust: string, port: number): Promise<Publisher> {
  const [key, cert, issuing] = await Promise.all(
    ['publisher.key', 'publisher.pem', 'issuing.pem'].map((name) => readFile(join(trust, name), 'utf8')),
  )
  let server: Server | null = null
  const open = async (): Promise<void> => {
    server = createServer({ key: key!, cert: `${cert}${issuing}` }, (request, response) => {
      void readFile(join(trust, 'list.xml')).then(
        (bytes) => {
          const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`
          if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end()
          else response.writeHead(200, { etag, 'content-type': 'application/xml' }).end(bytes)
        },
        () => response.writeHead(404).end(),
      )
    })
    await listening(server as never, '127.0.0.1', port)
  }
  const shut = async (): Promise<void> => {
    const now = server
    server = null
    if (now === null) return
    const closed = new Promise<void>((resolve) => now.close(() => resolve()))
    now.closeAllConnections()
    await closed
  }
  await open()
  return {
    port,
    async toggle() {
      if (server !== null) {
        await shut()
        return false
      }
      await open()
      return true
    },
    close: shut,
  }
}
