import { type ReceivedAnswer, readAnswer } from '../../formats/hl7v2/answer.ts'
import { decodeText } from '../../formats/hl7v2/charset.ts'
import { readMessage } from '../../formats/hl7v2/message.ts'
import { type Call, type Command, OPTIONS, ProblemError, plain, regionPath, text, UsageError } from './command.ts'
import { exchange, targetOf } from './exchange.ts'
import { bytesIn } from './input.ts'
import { durationText } from './trace.ts'

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

/** What the region file would do with the message, without a gateway and without the network. */
async function tryOut(message: Buffer, call: Call): Promise<number> {
  const { compileConfig, readRegion } = await import('../config/index.ts')
  const { dryRun, dryRunText } = await import('./dry-run.ts')
  const region = regionPath(call)
  const { shared } = await readRegion(region, call.env, { missingMaterial: 'warning' })
  if (shared === null) {
    throw new ProblemError(
      {
        en: `${plain(region)} has errors: passerelle check shows them.`,
        fr: `${plain(region)} a des erreurs : passerelle check les montre.`,
      }[call.language],
      'CONFIG_INVALID',
    )
  }
  // Nothing is connected to: keys and certificates need not be there.
  const config = compileConfig(shared, 0, () => '')
  const run = dryRun(message, config, Date.now())
  const colours = call.io.colours === true
  call.io.out(call.json ? `${JSON.stringify(run)}\n` : dryRunText(run, call.language, colours, config.rules))
  return run.taken ? 0 : 1
}

/** `send`: posts one file over MLLP or HTTP and shows what the far side answers. */
export const sendCommand: Command = {
  name: 'send',
  positionals: ['FILE'],
  summary: { en: 'posts an HL7 v2 message over MLLP or HTTP', fr: 'envoie un message HL7 v2 par MLLP ou HTTP' },
  options: {
    to: {
      type: 'string',
      value: 'URL',
      help: {
        en: 'mllp://host:port (default mllp://127.0.0.1:2575), mllps://, http:// or https:// (key in PASSERELLE_KEY)',
        fr: 'mllp://hôte:port (défaut mllp://127.0.0.1:2575), mllps://, http:// ou https:// (clé dans PASSERELLE_KEY)',
      },
    },
    raw: {
      type: 'boolean',
      help: {
        en: 'sends the bytes as they are: no LF to CR',
        fr: 'envoie les octets tels quels, sans changer LF en CR',
      },
    },
    'dry-run': {
      type: 'boolean',
      help: {
        en: 'sends nothing: shows where the region file would send it, and each field that its edits change',
        fr: "n'envoie rien : montre où le fichier de région l'enverrait, et chaque champ que ses modifications changent",
      },
    },
    region: OPTIONS.region,
    timeout: {
      type: 'string',
      value: 'SECONDS',
      help: { en: 'wait for the answer (default 30)', fr: 'attente de la réponse (défaut 30)' },
    },
    key: { type: 'string', value: 'FILE', help: { en: 'TLS: private key (PEM)', fr: 'TLS : clé privée (PEM)' } },
    cert: { type: 'string', value: 'FILE', help: { en: 'TLS: certificate (PEM)', fr: 'TLS : certificat (PEM)' } },
    ca: {
      type: 'string',
      value: 'FILE',
      help: { en: 'TLS: authority of the server (PEM)', fr: 'TLS : autorité du serveur (PEM)' },
    },
  },
  async run(call) {
    const target = targetOf(call)
    const dry = call.values['dry-run'] === true
    if (dry && text(call, 'to') !== undefined) {
      throw new UsageError(
        { en: '--dry-run sends nothing: leave --to out.', fr: "--dry-run n'envoie rien : sans --to." }[call.language],
      )
    }
    const seconds = Number(text(call, 'timeout') ?? '30')
    if (!(seconds > 0 && seconds <= 3_600)) {
      throw new UsageError(
        { en: '--timeout is 1 to 3600 (seconds).', fr: '--timeout va de 1 à 3600 (secondes).' }[call.language],
      )
    }
    const path = call.positionals[0] ?? ''
    const bytes = await bytesIn(path, call)
    const message = call.values.raw === true ? bytes : withCarriageReturns(bytes)
    if (dry) return tryOut(message, call)
    const startMs = performance.now()
    const answer = await exchange(target, message, seconds * 1_000, call)
    const read = readAnswer(answer)
    show(call, answer, read, Math.round(performance.now() - startMs))
    return read?.code === 'AA' || read?.code === 'CA' ? 0 : 1
  },
}
