import type { Socket } from 'node:net'
import type { MllpTarget } from '../../core/config.ts'
import type { Endpoint, FoundFault, ProbeFacts } from '../../core/probes.ts'
import { type Hl7Message, readMessage } from '../../formats/hl7v2/message.ts'
import { frame, frameScanner } from '../../formats/mllp/scanner.ts'
import { connected, nameOf, refusal } from './connection.ts'
import { addressOf } from './endpoints.ts'
import { lateness } from './http.ts'
import { type Asking, type Finding, fault, found, said } from './parts.ts'
import type { MllpSettings } from './settings.ts'
import { skewOfStamp } from './skew.ts'
import { PROBE_APPLICATION, PROBE_FACILITY, PROBE_RECEIVER, testMessage } from './test-message.ts'

/** More than a few stray bytes outside a block are another protocol. */
const MAX_STRAY_BYTES = 16
/** How long a new connection to a system in production must stand (ms). */
const STAND_MS = 50

/** An answer to a test message, with when it was sent and answered (our wall clock). */
export interface RoundTrip {
  readonly answer: Hl7Message
  readonly controlId: string
  readonly ms: number
  readonly sentAtMs: number
  readonly atMs: number
}

/**
 * Sends a test message to a system in qualification and judges its acknowledgement (HL7 v2.5.1 §2.9.2). A system in production
 * is connected to, over TLS where that is declared, and never sent a message. Never rejects. */
export async function probeMllp(endpoint: Endpoint, settings: MllpSettings, asking: Asking): Promise<Finding> {
  if (endpoint.use === 'production') return connects(endpoint.target as MllpTarget, asking)
  const tried = await roundTrip(endpoint, settings.message, asking)
  if (!tried.ok) return tried.finding
  const { answer, controlId, ms } = tried.trip
  const faults: FoundFault[] = lateness(ms, settings.withinMs)
  if (answer.text('MSA-2') !== controlId) faults.push(fault('WRONG_MSA2'))
  const code = answer.text('MSA-1') ?? ''
  if (!settings.codes.includes(code)) {
    faults.push(fault('ACK_CODE', { code: /^[A-Z]{2}$/.test(code) ? code : '?', wanted: settings.codes.join(', ') }))
  }
  const forUs = answer.text('MSH-5') === PROBE_APPLICATION && answer.text('MSH-6') === PROBE_FACILITY
  if (!forUs) faults.push(fault('MSH_NOT_SWAPPED'))
  return found(faults, factsOf(tried.trip, asking))
}

async function connects(target: MllpTarget, asking: Asking): Promise<Finding> {
  const connection = await connected(addressOf(target), asking)
  if (!connection.ok) return connection.finding
  const { socket } = connection
  const stands = await new Promise<boolean>((resolve) => {
    const cancel = asking.clock.after(STAND_MS, () => resolve(true))
    for (const end of ['end', 'close'] as const) {
      socket.once(end, () => {
        cancel()
        resolve(false)
      })
    }
    // Read, or its end is never seen.
    socket.resume()
  })
  socket.destroy()
  return found(stands ? [] : [fault('CONNECTION_CUT')])
}

/** Sends one message of test and waits for what comes back. Only for systems in qualification. Never rejects. */
export async function roundTrip(
  { target, establishment, use }: Endpoint,
  kind: MllpSettings['message'],
  asking: Asking,
): Promise<{ readonly ok: true; readonly trip: RoundTrip } | { readonly ok: false; readonly finding: Finding }> {
  if (use !== 'qualification') return { ok: false, finding: found([fault('NOT_QUALIFICATION')]) }
  const connection = await connected(addressOf(target as MllpTarget), asking)
  if (!connection.ok) return connection
  const { clock, ids, timeZone, finess } = asking
  const controlId = `SONDE${ids.uuid().replaceAll('-', '').slice(-15).toUpperCase()}`
  const [sentAtMs, startedAtMs] = [clock.nowMs(), clock.monotonicMs()]
  const about = { kind, controlId, atMs: sentAtMs, timeZone, establishment, finess: finess(establishment) }
  const bytes = testMessage(about)
  const came = await exchange(connection.socket, bytes, asking)
  const [atMs, ms] = [clock.nowMs(), Math.round(clock.monotonicMs() - startedAtMs)]
  connection.socket.destroy()
  if (!Buffer.isBuffer(came)) return { ok: false, finding: found([came]) }
  const read = readMessage(came)
  if (!read.ok || read.message.text('MSA-1') === null) return { ok: false, finding: found([fault('ANSWER_GARBAGE')]) }
  return { ok: true, trip: { answer: read.message, controlId, ms, sentAtMs, atMs } }
}

/** The first block that comes back, or what came instead. */
function exchange(socket: Socket, message: Buffer, { signal, limits }: Asking): Promise<Buffer | FoundFault> {
  const { promise, resolve } = Promise.withResolvers<Buffer | FoundFault>()
  const scanner = frameScanner({ maxFrameBytes: limits.maxBytes })
  let code = ''
  socket.on('error', (thrown: NodeJS.ErrnoException) => {
    code ||= thrown.code ?? ''
  })
  socket.on('data', (chunk: Buffer) => {
    try {
      const [block] = scanner.push(chunk)
      if (block !== undefined) resolve(block)
    } catch {
      resolve(fault('ANSWER_TOO_LONG', { bytes: limits.maxBytes }))
    }
    if (scanner.junkBytes > MAX_STRAY_BYTES) resolve(fault('ANSWER_GARBAGE'))
  })
  const cut = (): void => {
    if (/^ERR_SSL/.test(code)) resolve(refusal(code) ?? fault('TLS_FAILED', { reason: nameOf(code) }))
    else resolve(fault(scanner.junkBytes > 0 ? 'ANSWER_GARBAGE' : 'CONNECTION_CUT'))
  }
  socket.once('end', cut)
  socket.once('close', cut)
  const late = (): void => resolve(fault('NO_ANSWER', { ms: limits.totalMs }))
  signal.addEventListener('abort', late, { once: true })
  if (signal.aborted) late()
  socket.write(frame(message))
  return promise
}

function factsOf({ answer, ms, sentAtMs, atMs }: RoundTrip, { timeZone }: Asking): ProbeFacts {
  const name = said(answer.text('MSH-3'))
  // Where all is swapped, it only says our own word for whoever stands there.
  const software = name === PROBE_RECEIVER ? null : name
  const skewMs = skewOfStamp(answer.text('MSH-7'), { timeZone, fromMs: sentAtMs, toMs: atMs })
  return { answerMs: ms, ...(software !== null && { software }), ...(skewMs !== null && { skewMs }) }
}
