import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { FastifyRequest } from 'fastify'
import type { HttpDoor } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Log, Meter } from '../../core/ports.ts'
import { byteBudget } from '../mllp/budget.ts'
import { type Inflow, inflow } from './inflow.ts'

/** Reads the bodies of a door's messages, within the bytes that the door may hold unanswered. */
export interface Bodies {
  /** Notes the response of a request, which tells when its body is held no more. Call it before `read`. */
  expect(request: FastifyRequest, response: ServerResponse): void
  /**
   * The whole body, gunzipped when `Content-Encoding` says so, kept in the budget until the response is over.
   * @throws {GatewayError} FRAME_TOO_LONG above the route's bodyLimit, as soon as that is known; MEDIA_TYPE for another
   * coding; BAD_REQUEST for broken gzip or a body cut short; FRAME_TIMEOUT when the door is full and nothing moves */
  read(request: FastifyRequest, payload: IncomingMessage | Readable): Promise<Buffer>
}

/** Makes the reader of one door. `budgetBytes`: as HttpLimits. */
export function bodies(door: HttpDoor, budgetBytes: number, log: Log, meter: Meter): Bodies {
  const responses = new WeakMap<FastifyRequest, ServerResponse>()
  const inflows = new Set<Inflow>()
  let accepting = 0
  const budget = byteBudget(Math.max(budgetBytes, 2 * door.maxBodyBytes), (full) => {
    if (full) {
      meter.count('door_full_total', { door: door.name })
      log.warn('http.full', { entrance: door.name, bytes: budget.heldBytes })
    }
    for (const one of inflows) full ? one.pause() : one.resume()
    shed()
  })
  /** A door full of bodies begun, with nothing being accepted that could free it, would stay full: the largest goes. */
  const shed = (): void => {
    if (!budget.full || accepting > 0 || inflows.size === 0) return
    const largest = [...inflows].reduce((a, b) => (b.bytes > a.bytes ? b : a))
    inflows.delete(largest)
    meter.count('door_limit_total', { door: door.name, code: 'FRAME_TIMEOUT' })
    log.warn('http.shed', { entrance: door.name, code: 'FRAME_TIMEOUT', bytes: largest.bytes })
    largest.refuse('FRAME_TIMEOUT')
  }
  const holdUntilAnswered = (request: FastifyRequest, bytes: number): void => {
    const release = (): void => {
      accepting--
      budget.change(-bytes)
      shed()
    }
    accepting++
    const response = responses.get(request)
    if (response === undefined || response.closed) release()
    else response.once('close', release)
  }
  return {
    expect: (request, response) => void responses.set(request, response),
    async read(request, payload) {
      const limit = request.routeOptions.bodyLimit ?? door.maxBodyBytes
      if (Number(request.headers['content-length'] ?? 0) > limit) throw new GatewayError('FRAME_TOO_LONG')
      const one = inflow(payload, gunzipOf(request), limit, (bytes) => budget.change(bytes))
      inflows.add(one)
      if (budget.full) one.pause()
      try {
        const whole = await one.whole
        holdUntilAnswered(request, whole.length)
        return whole
      } finally {
        inflows.delete(one)
      }
    },
  }
}

function gunzipOf(request: FastifyRequest): ReturnType<typeof createGunzip> | null {
  const coding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (coding === 'identity') return null
  if (coding !== 'gzip') throw new GatewayError('MEDIA_TYPE')
  return createGunzip()
}
