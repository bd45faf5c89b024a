import { request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { Socket } from 'node:net'
import { addressOf } from '../../conformity/probes/endpoints.ts'
import type { Destination, FhirTarget } from '../../core/config.ts'
import type { TestResult } from '../../core/operations.ts'
import type { Clock } from '../../core/ports.ts'
import { type Address, dial, standing } from '../../senders/dial.ts'

/** The whole test takes no longer than this (ms). */
export const TEST_MS = 10_000

type Finding = Pick<TestResult, 'step' | 'code' | 'detail'>

/**
 * Connects to a destination as its sender does, once, and lets go: TCP, TLS with our certificate where there is TLS, and
 * for FHIR `GET metadata`. No message is sent. At most 10 s. Never rejects. */
export async function testDestination(destination: Destination, clock: Clock): Promise<TestResult> {
  const startedAtMs = clock.monotonicMs()
  const giveUp = new AbortController()
  const cancel = clock.after(TEST_MS, () => giveUp.abort())
  const address = addressOf(destination.target)
  const finding = await attempt(destination, address, clock, giveUp.signal)
  cancel()
  return {
    destination: destination.id,
    ok: finding.code === null,
    ...finding,
    ms: Math.round(clock.monotonicMs() - startedAtMs),
  }
}

async function attempt({ target }: Destination, address: Address, clock: Clock, signal: AbortSignal): Promise<Finding> {
  const dialled = await dial(address, clock, signal)
  if (!dialled.ok) {
    const step = dialled.code === 'TLS_FAILED' ? 'tls' : 'connect'
    return { step, code: dialled.code, detail: signal.aborted ? `no answer in ${TEST_MS / 1000} s` : dialled.fault }
  }
  const { socket } = dialled
  try {
    await standing(socket, address.secure, clock)
    if (socket.destroyed || socket.readableEnded) return { step: 'tls', code: 'CONNECTION_CUT', detail: null }
    if (target.type !== 'fhir') return { step: address.secure ? 'tls' : 'connect', code: null, detail: null }
    return await metadata(target, socket, address, signal)
  } finally {
    socket.destroy()
  }
}

/** Asks a FHIR server what it can do (http.html §3.1.0.12), on the connection just made. */
function metadata(
  { url, bearer }: FhirTarget,
  socket: Socket,
  { secure }: Address,
  signal: AbortSignal,
): Promise<Finding> {
  const { promise, resolve } = Promise.withResolvers<Finding>()
  const ask = (secure ? secureRequest : plainRequest)(`${url}/metadata`, {
    createConnection: () => socket,
    headers: { accept: 'application/fhir+json', ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }) },
    signal,
  })
  ask.once('response', (answer) => {
    const status = answer.statusCode ?? 0
    const refusesUs = status === 401 || status === 403 || status === 404
    const code = status >= 200 && status < 300 ? null : refusesUs ? 'DESTINATION_REFUSES_US' : 'ANSWER_GARBAGE'
    answer.destroy()
    resolve({ step: 'answer', code, detail: `HTTP ${status}` })
  })
  ask.once('error', () => {
    const detail = signal.aborted ? `no answer in ${TEST_MS / 1000} s` : null
    resolve({ step: 'answer', code: signal.aborted ? 'ANSWER_TIMEOUT' : 'CONNECTION_CUT', detail })
  })
  ask.end()
  return promise
}
