import type { AuditFoundEvent } from '../../../core/audit.ts'
import type { AuditFact } from '../../../formats/audit/event.ts'
import { readEvent } from '../../../formats/audit/record.ts'
import type { Visit } from '../shell/visit.ts'
import { SHELL_WORDS } from '../shell/words.ts'
import { type Writing, writing } from './parts.ts'
import { type SentenceParts, sentence } from './sentence.ts'
import { AUDIT_WORDS, type AuditWords } from './words.ts'

/** How the pages of the audit speak to somebody. */
export interface Telling extends SentenceParts {
  readonly words: AuditWords
  readonly text: Writing
  /** An event in plain words. */
  tell(fact: AuditFact): string
}

/** How they speak to this visitor. A role is the one that the configuration gives the person now. */
export function tellingTo({ language, config }: Pick<Visit, 'language' | 'config'>): Telling {
  const text = writing(language, config.region.timeZone)
  const roleOf = (who: string): string | null => {
    const operator = config.operators.find(({ name }) => name === who)
    if (operator !== undefined) return SHELL_WORDS[language].roles[operator.role]
    return config.establishments.has(who) ? SHELL_WORDS[language].roles.establishment : null
  }
  const parts: SentenceParts = { language, moment: text.moment, roleOf }
  return { ...parts, words: AUDIT_WORDS[language], text, tell: (fact) => sentence(fact, parts) }
}

/** An event that was found, as API and files give it to programs and people. */
export interface ToldEvent {
  readonly n: number
  readonly at: string
  readonly who: string
  readonly what: string
  readonly why: string | null
  readonly code: string | null
  readonly message: string | null
  readonly establishment: string | null
  readonly patients: readonly string[]
  readonly sentence: string
}

/** The event with its sentence. */
export function told(event: AuditFoundEvent, { tell }: Telling): ToldEvent {
  const fact = readEvent(event.line)
  const { who, what, why, code, message, patients } = fact
  const at = new Date(event.atMs).toISOString()
  return {
    n: event.n,
    at,
    who,
    what,
    why,
    code,
    message,
    establishment: event.establishment,
    patients,
    sentence: tell(fact),
  }
}

const COLUMNS = ['n', 'at', 'who', 'what', 'why', 'code', 'message', 'establishment', 'sentence'] as const

/** Events as a table for a spreadsheet: UTF-8 with its mark, `;` between, CRLF; nothing in it is taken for a formula. Pure. */
export function csvOf(events: readonly ToldEvent[]): string {
  const cell = (value: string | number | null): string => {
    const text = String(value ?? '')
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
    return `"${safe.replaceAll('"', '""')}"`
  }
  const lines = [COLUMNS.join(';'), ...events.map((event) => COLUMNS.map((name) => cell(event[name])).join(';'))]
  return `\ufeff${lines.join('\r\n')}\r\n`
}
