import { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { isLoopback } from '../../core/address.ts'
import type { HttpDoor } from '../../core/config.ts'

/** Where a caller reached the door: scheme, host and port. */
export interface Origin {
  /** `https://passerelle.region.test:8443`, without a slash at the end. */
  readonly url: string
  /** True when the name is known to be this door's: only then may something be proved by it. */
  readonly ours: boolean
}

const HOST = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9](?:[a-z0-9.-]{0,252}))(?::(\d{1,5}))?$/i

/**
 * The origin of a request: `publicUrl` when the door has one, else what `Host` says (RFC 9110 §7.2). A Host is the door's
 * own when it is this machine, the address bound, or a name in the door's certificate, and its port the one called. */
export function originOf(request: IncomingMessage, door: HttpDoor): Origin {
  if (door.publicUrl !== undefined) return { url: door.publicUrl.replace(/\/+$/, ''), ours: true }
  const scheme = door.tls === null ? 'http' : 'https'
  const [, host, port] = HOST.exec(request.headers.host ?? '') ?? []
  const { localPort } = request.socket
  if (host === undefined) return { url: `${scheme}://${door.host}:${localPort}`, ours: true }
  const url = `${scheme}://${host.toLowerCase()}${port === undefined ? '' : `:${port}`}`
  const portFits = Number(port ?? (door.tls === null ? 80 : 443)) === localPort
  return { url, ours: portFits && isNamed(host.replace(/^\[|\]$/g, ''), door) }
}

function isNamed(name: string, door: HttpDoor): boolean {
  if (isLoopback(name) || name === door.host) return true
  if (door.tls === null) return false
  const certificate = new X509Certificate(door.tls.cert)
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined
}
