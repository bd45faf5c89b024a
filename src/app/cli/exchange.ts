import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Agent, request } from 'undici'
import type { ErrorCode } from '../../core/errors.ts'
import { readHeader } from '../../formats/hl7v2/header.ts'
import { readMessage } from '../../formats/hl7v2/message.ts'
import { frame, frameScanner } from '../../formats/mllp/scanner.ts'
import { contentType } from '../../senders/http/sender.ts'
import { type Call, ProblemError, plain, text, UsageError } from './command.ts'
import { bytesIn } from './input.ts'

const MAX_ANSWER_BYTES = 1_048_576

/** Where a message goes by hand, and how. */
export interface Target {
  readonly protocol: 'mllp' | 'http'
  readonly url: URL
  readonly tls: boolean
}

const PROTOCOLS = ['mllp:', 'mllps:', 'http:', 'https:']

/** The target of `--to`; over HTTP the door is `/hl7` unless a path is given. @throws {UsageError} when it is none */
export function targetOf(call: Call): Target {
  const to = text(call, 'to') ?? 'mllp://127.0.0.1:2575'
  const url = URL.parse(to)
  const http = url?.protocol.startsWith('http') === true
  const placed = url !== null && url.hostname !== '' && (http || Number(url.port) > 0)
  if (!placed || !PROTOCOLS.includes(url.protocol)) {
    throw new UsageError(
      {
        en: `--to takes mllp://HOST:PORT, mllps://, http:// or https://, not ${plain(to)}.`,
        fr: `--to attend mllp://HÔTE:PORT, mllps://, http:// ou https://, pas ${plain(to)}.`,
      }[call.language],
    )
  }
  if (http && url.pathname === '/') url.pathname = '/hl7'
  return { protocol: http ? 'http' : 'mllp', url, tls: url.protocol.endsWith('s:') }
}

/** Sends one message and resolves with what comes back. @throws {ProblemError} when nothing does */
export function exchange(target: Target, bytes: Buffer, timeoutMs: number, call: Call): Promise<Buffer> {
  return target.protocol === 'mllp'
    ? overMllp(target, bytes, timeoutMs, call)
    : overHttp(target, bytes, timeoutMs, call)
}

function late(place: string, call: Call): ProblemError {
  return new ProblemError(
    { en: `No answer from ${place} in time.`, fr: `Pas de réponse de ${place} à temps.` }[call.language],
    'ANSWER_TIMEOUT',
  )
}

async function tlsFiles(call: Call): Promise<{ key?: Buffer; cert?: Buffer; ca?: Buffer }> {
  const file = async (name: string) => {
    const path = text(call, name)
    return path === undefined ? {} : { [name]: await bytesIn(path, call) }
  }
  return { ...(await file('key')), ...(await file('cert')), ...(await file('ca')) }
}

/** The code of a problem (RFC 9457) with what it says, in brackets; nothing for any other answer. */
function codeIn(answer: Buffer): string {
  try {
    const { code, detail } = JSON.parse(answer.toString('utf8')) as {
      readonly code?: unknown
      readonly detail?: unknown
    }
    return typeof code === 'string' ? plain(` (${code}${typeof detail === 'string' ? `: ${detail}` : ''})`) : ''
  } catch {
    return ''
  }
}

/** `POST`, with the key of PASSERELLE_KEY; the body of the answer, whatever its status. */
async function overHttp({ url }: Target, bytes: Buffer, timeoutMs: number, call: Call): Promise<Buffer> {
  const agent = new Agent({ maxResponseSize: MAX_ANSWER_BYTES, connect: await tlsFiles(call) })
  const key = call.env.PASSERELLE_KEY
  const read = readMessage(bytes)
  const charset = read.ok ? readHeader(read.message).charset : ''
  try {
    const { statusCode, body } = await request(url, {
      method: 'POST',
      headers: {
        'content-type': contentType(charset),
        'accept-language': call.language,
        ...(key ? { authorization: `Bearer ${key}` } : {}),
      },
      body: bytes,
      dispatcher: agent,
      signal: AbortSignal.timeout(timeoutMs),
    })
    const answer = Buffer.from(await body.arrayBuffer())
    if (answer.subarray(0, 3).equals(Buffer.from('MSH'))) return answer
    throw new ProblemError(
      {
        en: `${url.host} answered HTTP ${statusCode}${codeIn(answer)}, and no HL7 message.`,
        fr: `${url.host} a répondu HTTP ${statusCode}${codeIn(answer)}, sans message HL7.`,
      }[call.language],
      'ANSWER_GARBAGE',
    )
  } catch (fault) {
    if (fault instanceof ProblemError) throw fault
    if (fault instanceof DOMException) throw late(url.host, call)
    const { name, code = name } = fault as NodeJS.ErrnoException
    throw new ProblemError(
      { en: `No exchange with ${url.host} (${code}).`, fr: `Échange impossible avec ${url.host} (${code}).` }[
        call.language
      ],
      'CONNECT_FAILED',
    )
  } finally {
    await agent.destroy()
  }
}

async function dial({ url, tls }: Target, call: Call): Promise<Socket> {
  const place = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) }
  return tls ? connectTls({ ...place, ...(await tlsFiles(call)) }) : connect(place)
}

/** The first block that comes back. */
async function overMllp(target: Target, bytes: Buffer, timeoutMs: number, call: Call): Promise<Buffer> {
  const socket = await dial(target, call)
  const place = target.url.host
  const scanner = frameScanner({ maxFrameBytes: MAX_ANSWER_BYTES })
  const fail = (code: ErrorCode, en: string, fr: string) => new ProblemError({ en, fr }[call.language], code)
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const timer = setTimeout(() => reject(late(place, call)), timeoutMs)
      socket.once('close', () => {
        clearTimeout(timer)
        reject(fail('CONNECTION_CUT', `${place} closed without an answer.`, `${place} a fermé sans répondre.`))
      })
      socket.on('error', (error: NodeJS.ErrnoException) =>
        reject(
          fail(
            'CONNECT_FAILED',
            `No exchange with ${place} (${error.code}).`,
            `Échange impossible avec ${place} (${error.code}).`,
          ),
        ),
      )
      socket.on('data', (chunk) => {
        try {
          const [answer] = scanner.push(chunk as Buffer)
          if (answer !== undefined) resolve(answer)
        } catch (error) {
          reject(error)
        }
      })
      socket.write(frame(bytes))
    })
  } finally {
    socket.destroy()
  }
}
