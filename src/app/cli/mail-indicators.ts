import { isMonth } from '../../formats/clock/months.ts'
import { codesText } from '../../formats/mail/months-csv.ts'
import { type Call, plain, text, UsageError } from './command.ts'
import { runningGateway } from './running.ts'

const API = '/api/mail/indicators'

/** Figures as the API gives them, as far as a line tells them. */
interface Told {
  readonly month: string
  readonly domain: string
  readonly type: string
  readonly final: boolean
  readonly boxes: number
  readonly used: number
  readonly received: number
  readonly sent: number
  readonly refused: Readonly<Record<string, number>>
  readonly failed: Readonly<Record<string, number>>
}

/** `mail indicators`: the figures of a month, or of the twelve up to this one; a `~` stands before those that may change. */
export async function tellIndicators(call: Call): Promise<number> {
  const month = text(call, 'month')
  if (month !== undefined && !isMonth(month)) throw new UsageError('--month YYYY-MM')
  if (call.json && call.values['csv'] === true) throw new UsageError('--csv | --json')
  const asked = month === undefined ? '' : `?from=${month}&to=${month}`
  const gateway = await runningGateway(call, { en: 'start it.', fr: 'démarrez-la.' }[call.language])
  if (call.values['csv'] === true) {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    for await (const piece of await gateway.stream(`${API}.csv${asked}`)) {
      call.io.out(decoder.decode(piece, { stream: true }))
    }
    return 0
  }
  const { months } = await gateway.need<{ months: readonly Told[] }>('GET', `${API}${asked}`)
  const words = {
    en: ['mailboxes', 'used', 'received', 'sent', 'refused', 'failed'],
    fr: ['BAL', 'utilisées', 'reçus', 'envoyés', 'refusés', 'échecs'],
  }[call.language]
  for (const one of months) {
    const figures = [one.boxes, one.used, one.received, one.sent, codesText(one.refused), codesText(one.failed)]
    const line = [
      `${one.final ? ' ' : '~'}${one.month} ${(one.domain || '-').padEnd(36)} ${(one.type || '-').padEnd(3)}`,
      ...figures.map((value, i) => `${words[i]} ${value === '' ? 0 : value}`),
    ].join('  ')
    call.io.out(call.json ? `${JSON.stringify(one)}\n` : `${plain(line)}\n`)
  }
  return 0
}
