import { readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type ReceivedAnswer, readAnswer } from '../../formats/hl7v2/answer.ts'
import { decodeText } from '../../formats/hl7v2/charset.ts'
import { readMessage } from '../../formats/hl7v2/message.ts'
import { frame, frameScanner } from '../../formats/mllp/scanner.ts'
import { type Call, type Command, ProblemError, plain, text, UsageError } from './command.ts'
import { durationText } from './trace.ts'

const MAX_ANSWER_BYTES = 1_048_576

interface Target {
  readonly host: string
  readonly port: number
  readonly tls: boolean
}

function targetOf(call: Call): Target {
  const to = text(call, 'to') ?? 'mllp://127.0.0.1:2575'
  const url = URL.parse(to)
  const port = Number(url?.port)
  if (url === null || !['mllp:', 'mllps:'].includes(url.protocol) || url.hostname === '' || !(port > 0)) {
    throw new UsageError(
      {
        en: `--to takes mllp://HOST:PORT or mllps://HOST:PORT, not ${plain(to)}.`,
        fr: `--to attend mllp://HÔTE:PORT ou mllps://HÔTE:PORT, pas ${plain(to)}.`,
      }[call.language],
    )
  }
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, tls: url.protocol === 'mllps:' }
}

/** Segments must end with CR; editors write LF. Bytes of an escape or a text are never LF in HL7 v2. Pure. */
export function withCarriageReturns(bytes: Buffer): Buffer {
  const out = Buffer.allocUnsafe(bytes.length)
  let length = 0
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === 0x0a) {
      if (bytes[i - 1] !== 0x0d) out[length++] = 0x0d
    } else out[length++] = bytes[i]!
  }
  return out.subarray(0, length)
}

async function dial(target: Target, call: Call): Promise<Socket> {
  if (!target.tls) return connect(target)
  const file = async (name: string) => {
    const path = text(call, name)
    return path === undefined ? {} : { [name]: await readFile(path) }
  }
  return connectTls({ ...target, ...(await file('key')), ...(await file('cert')), ...(await file('ca')) })
}

/** Sends one message and resolves with the first block that comes back. @throws {ProblemError} when none comes */
async function exchange(target: Target, bytes: Buffer, timeoutMs: number, call: Call): Promise<Buffer> {
  const socket = await dial(target, call)
  const place = `${target.host}:${target.port}`
  const scanner = frameScanner({ maxFrameBytes: MAX_ANSWER_BYTES })
  const fail = (en: string, fr: string) => new ProblemError({ en, fr }[call.language])
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(fail(`No answer from ${place} in time.`, `Pas de réponse de ${place} à temps.`)),
        timeoutMs,
      )
      socket.once('close', () => {
        clearTimeout(timer)
        reject(fail(`${place} closed without an answer.`, `${place} a fermé sans répondre.`))
      })
      socket.on('error', (error: NodeJS.ErrnoException) =>
        reject(fail(`No exchange with ${place} (${error.code}).`, `Échange impossible avec ${place} (${error.code}).`)),
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

/** The answer's segments as text, one a line, in its own character set. */
function decoded(answer: Buffer): string {
  const read = readMessage(answer)
  const whole = decodeText(answer, read.ok ? read.message.charset : '8859/15')
  return whole
    .split('\r')
    .filter((segment) => segment !== '')
    .map(plain)
    .join('\n')
}

function show(call: Call, answer: Buffer, read: ReceivedAnswer | null, ms: number): void {
  if (call.json) {
    call.io.out(`${JSON.stringify({ ...(read ?? { code: null }), ms, answer: decoded(answer) })}\n`)
    return
  }
  const parts = [read?.code ?? '?', read?.controlId ?? '', read?.errors ?? '', durationText(ms)]
  call.io.out(`${plain(parts.filter((part) => part !== '').join('  '))}\n${decoded(answer)}\n`)
}

/** `send`: posts one file over MLLP and shows what the far side answers. */
export const sendCommand: Command = {
  name: 'send',
  positionals: ['FILE'],
  summary: { en: 'posts an HL7 v2 message over MLLP', fr: 'envoie un message HL7 v2 par MLLP' },
  options: {
    to: {
      type: 'string',
      value: 'URL',
      help: {
        en: 'mllp://host:port (default mllp://127.0.0.1:2575) or mllps://',
        fr: 'mllp://hôte:port (défaut mllp://127.0.0.1:2575) ou mllps://',
      },
    },
    raw: {
      type: 'boolean',
      help: {
        en: 'sends the bytes as they are: no LF to CR',
        fr: 'envoie les octets tels quels, sans changer LF en CR',
      },
    },
    timeout: {
      type: 'string',
      value: 'SECONDS',
      help: { en: 'wait for the answer (default 30)', fr: 'attente de la réponse (défaut 30)' },
    },
    key: { type: 'string', value: 'FILE', help: { en: 'mllps: private key (PEM)', fr: 'mllps : clé privée (PEM)' } },
    cert: { type: 'string', value: 'FILE', help: { en: 'mllps: certificate (PEM)', fr: 'mllps : certificat (PEM)' } },
    ca: {
      type: 'string',
      value: 'FILE',
      help: { en: 'mllps: authority of the server (PEM)', fr: 'mllps : autorité du serveur (PEM)' },
    },
  },
  async run(call) {
    const target = targetOf(call)
    const seconds = Number(text(call, 'timeout') ?? '30')
    if (!(seconds > 0 && seconds <= 3_600)) {
      throw new UsageError(
        { en: '--timeout is 1 to 3600 (seconds).', fr: '--timeout va de 1 à 3600 (secondes).' }[call.language],
      )
    }
    const path = call.positionals[0] ?? ''
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      throw new ProblemError(
        { en: `${plain(path)} cannot be read (${error.code}).`, fr: `${plain(path)} est illisible (${error.code}).` }[
          call.language
        ],
      )
    })
    const startMs = performance.now()
    const message = call.values.raw === true ? bytes : withCarriageReturns(bytes)
    const answer = await exchange(target, message, seconds * 1_000, call)
    const read = readAnswer(answer)
    show(call, answer, read, Math.round(performance.now() - startMs))
    return read?.code === 'AA' || read?.code === 'CA' ? 0 : 1
  },
}
