import type { AntivirusSettings, ContentLook, MailNo } from '../../../core/mail.ts'
import type { Clock, Log, Meter } from '../../../core/ports.ts'
import type { Condition } from '../../../pipeline/watch/conditions.ts'
import { ClamdScan, type NoAnswer, pingClamd, type Scanned } from './clamd.ts'

/** How often it is asked whether it is there (ms), and how soon again once it was not. */
const PING_MS = 60_000
const SOON_MS = 5_000
/** Silences in a row that are told. */
const TOLD = 2

const SAID = { clean: 'OK', infected: 'MAIL_INFECTED', none: 'MAIL_UNSCANNED' } as const

/** What the antivirus is watched with. */
export interface AntivirusParts {
  readonly settings: () => AntivirusSettings | null
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** The antivirus of this node: scans mail, and is asked now and then whether it is there. */
export class Antivirus {
  readonly #parts: AntivirusParts
  #silences = 0
  #cancel = (): void => {}
  #stopped = false

  constructor(parts: AntivirusParts) {
    this.#parts = parts
    this.#cancel = parts.clock.after(0, () => void this.#ping())
  }

  /** A scan of one mail. */
  look(settings: AntivirusSettings): ContentLook {
    const scan = new ClamdScan(settings, this.#parts.clock)
    return {
      write: (chunk) => scan.write(chunk),
      end: async () => this.#judge(await scan.end(), settings),
      drop: () => scan.drop(),
    }
  }

  /** That it gives no answer, for whoever should look at it. */
  conditions(): Condition[] {
    const settings = this.#parts.settings()
    if (this.#silences < TOLD || settings === null) return []
    const severity = settings.down === 'wait' ? 'urgent' : 'important'
    const about = { kind: 'antivirus', subject: '*', establishment: null, params: {} } as const
    return [{ cause: 'antivirus', severity, code: 'MAIL_UNSCANNED', ...about }]
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  #judge(scanned: Scanned, { down }: AntivirusSettings): MailNo | null {
    const { log, meter } = this.#parts
    meter.count('mail_scanned_total', { code: SAID[scanned.what] })
    if (scanned.what !== 'none') {
      this.#heard()
      if (scanned.what === 'clean') return null
      log.warn('mail.infected', { code: 'MAIL_INFECTED' })
      return { code: 'MAIL_INFECTED' }
    }
    log.warn(down === 'pass' ? 'mail.passed-unscanned' : 'mail.unscanned', {
      code: 'MAIL_UNSCANNED',
      rule: scanned.why,
    })
    this.#silent(scanned.why)
    return down === 'pass' ? null : { code: 'MAIL_UNSCANNED' }
  }

  async #ping(): Promise<void> {
    this.#cancel()
    const settings = this.#parts.settings()
    const why = settings === null ? null : await pingClamd(settings, this.#parts.clock)
    if (this.#stopped) return
    if (why === null) this.#heard()
    else this.#silent(why)
    this.#cancel()
    this.#cancel = this.#parts.clock.after(why === null ? PING_MS : SOON_MS, () => void this.#ping())
  }

  #heard(): void {
    if (this.#silences > 0) this.#parts.log.info('antivirus.answers')
    this.#silences = 0
  }

  /** A mail that is too long for it says nothing of whether it is there. */
  #silent(why: NoAnswer): void {
    if (why === 'size-limit') return
    this.#silences += 1
    if (this.#silences > 1 || this.#stopped) return
    this.#parts.log.warn('antivirus.silent', { code: 'MAIL_UNSCANNED', rule: why })
    this.#cancel()
    this.#cancel = this.#parts.clock.after(SOON_MS, () => void this.#ping())
  }
}
