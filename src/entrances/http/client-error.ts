import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { HttpDoor } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Log, Meter } from '../../core/ports.ts'
import { remoteOf } from '../mllp/guest.ts'
import { mayTakeLong } from './slow.ts'

/** What Node finds against bytes that are no request: the status to answer, and the code to log. */
function verdict(fault: NodeJS.ErrnoException): { status: number; code: ErrorCode } | null {
  if (fault.code === 'ERR_HTTP_REQUEST_TIMEOUT') return { status: 408, code: 'FRAME_TIMEOUT' }
  if (fault.code === 'HPE_HEADER_OVERFLOW') return { status: 431, code: 'FRAME_TOO_LONG' }
  return fault.code?.startsWith('HPE_') === true ? { status: 400, code: 'BAD_REQUEST' } : null
}

/** Answers bytes that are no HTTP request, or came too slowly, in few words; logs and counts them; closes the connection. */
export function answerNoRequest({
  door,
  log,
  meter,
}: {
  readonly door: HttpDoor
  readonly log: Log
  readonly meter: Meter
}): (fault: NodeJS.ErrnoException, socket: Socket) => void {
  return (fault, socket) => {
    if (fault.code === 'ERR_HTTP_REQUEST_TIMEOUT' && mayTakeLong(socket)) return
    const found = verdict(fault)
    // A connection that broke, or a handshake that failed, has nobody left to answer.
    if (found === null || !socket.writable) return void socket.destroy()
    const { status, code } = found
    meter.count('door_limit_total', { door: door.name, code })
    log.warn('http.limit', { entrance: door.name, code, peer: remoteOf(socket).address })
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    socket.destroySoon()
  }
}
