/** What mails with documents say and how: profiles/documents/mail.yaml, read. Data of the region, and no law. */
import type { MailOperator } from '../../core/mail.ts'
import type { XdmCode } from '../xdm/package.ts'

/** A code under the system of its list. */
interface Listed {
  readonly code: string
  readonly display: string
}

/** Words of mails, with places such as `{title}` to be filled. */
export interface MailTexts {
  readonly subject: string
  readonly replacementSubject: string
  readonly deletionSubject: string
  readonly professional: string
  readonly patient: string
  readonly replacement: string
  readonly deletion: string
}

/** Restrictions of a document that are codes of confidentiality. */
export type Restriction = 'MASQUE_PS' | 'INVISIBLE_PATIENT' | 'INVISIBLE_REP_LEGAUX'

/** Codes of metadata where the document says none. */
export interface MetadataCodes {
  readonly contentType: {
    readonly system: string
    readonly byVisit: ReadonlyMap<string, Listed>
    readonly otherwise: Listed
  }
  readonly class: { readonly system: string; readonly byType: ReadonlyMap<string, Listed>; readonly otherwise: Listed }
  readonly format: {
    readonly pdf: XdmCode
    readonly structured: XdmCode
    /** By OID of a templateId of the document. */
    readonly byTemplate: ReadonlyMap<string, XdmCode>
  }
  readonly facility: XdmCode
  readonly practice: XdmCode
  readonly confidentiality: { readonly system: string } & Readonly<Record<Restriction, Listed>>
}

/** All of it, with what the region says of itself as a mail operator. */
export interface DocumentSettings extends Pick<MailOperator, 'patientDomain' | 'softwareId'> {
  readonly name: 'birth' | 'used'
  /** Age (years) from which no legal representative reads a patient's box. */
  readonly majority: number
  readonly texts: MailTexts
  readonly codes: MetadataCodes
  readonly refusedByDmp: XdmCode
}

class Wrong {
  readonly place: string
  constructor(place: string) {
    this.place = place
  }
}

/** A mapping of which every key must be asked for. */
class Part {
  readonly #place: string
  readonly #values: Readonly<Record<string, unknown>>
  readonly #unasked: Set<string>

  constructor(value: unknown, place: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Wrong(place)
    this.#values = value as Readonly<Record<string, unknown>>
    this.#place = place
    this.#unasked = new Set(Object.keys(value))
  }

  #take(key: string): unknown {
    this.#unasked.delete(key)
    return Object.hasOwn(this.#values, key) ? this.#values[key] : undefined
  }

  placeOf(key: string): string {
    return this.#place === '' ? key : `${this.#place}.${key}`
  }

  text(key: string, form: RegExp = /./s): string {
    const value = this.#take(key)
    if (typeof value !== 'string' || !form.test(value)) throw new Wrong(this.placeOf(key))
    return value
  }

  number(key: string): number {
    const value = this.#take(key)
    if (typeof value !== 'number' || !(value >= 0)) throw new Wrong(this.placeOf(key))
    return value
  }

  part<T>(key: string, read: (part: Part) => T): T {
    const part = new Part(this.#take(key), this.placeOf(key))
    const made = read(part)
    part.end()
    return made
  }

  map<T>(key: string, read: (part: Part) => T): ReadonlyMap<string, T> {
    return this.part(key, (part) => new Map(part.keys().map((name) => [name, part.part(name, read)])))
  }

  keys(): string[] {
    return Object.keys(this.#values)
  }

  end(): void {
    const [unknown] = this.#unasked
    if (unknown !== undefined) throw new Wrong(this.placeOf(unknown))
  }
}

const listed = (part: Part): Listed => ({ code: part.text('code'), display: part.text('display') })
const coded = (part: Part): XdmCode => ({ ...listed(part), system: part.text('system') })

/** Settings as a parsed file has them; or the place of the first value that is none. */
export function readDocumentSettings(
  value: unknown,
  operator: Pick<MailOperator, 'patientDomain' | 'softwareId'>,
): { readonly ok: true; readonly settings: DocumentSettings } | { readonly ok: false; readonly at: string } {
  try {
    const root = new Part(value, '')
    const settings: DocumentSettings = {
      patientDomain: operator.patientDomain.toLowerCase(),
      softwareId: operator.softwareId,
      name: root.text('name', /^(birth|used)$/) as DocumentSettings['name'],
      majority: root.number('majority'),
      texts: root.part('texts', textsOf),
      codes: root.part('codes', codesOf),
      refusedByDmp: root.part('refusedByDmp', coded),
    }
    root.end()
    return { ok: true, settings }
  } catch (wrong) {
    if (!(wrong instanceof Wrong)) throw wrong
    return { ok: false, at: wrong.place }
  }
}

function textsOf(part: Part): MailTexts {
  return {
    subject: part.text('subject'),
    replacementSubject: part.text('replacementSubject', /\{subject\}/),
    deletionSubject: part.text('deletionSubject'),
    professional: part.text('professional'),
    patient: part.text('patient'),
    replacement: part.text('replacement'),
    deletion: part.text('deletion'),
  }
}

function codesOf(part: Part): MetadataCodes {
  return {
    contentType: part.part('contentType', (one) => ({
      system: one.text('system'),
      byVisit: one.map('byVisit', listed),
      otherwise: one.part('otherwise', listed),
    })),
    class: part.part('class', (one) => ({
      system: one.text('system'),
      byType: one.map('byType', listed),
      otherwise: one.part('otherwise', listed),
    })),
    format: part.part('format', (one) => ({
      pdf: one.part('pdf', coded),
      structured: one.part('structured', coded),
      byTemplate: one.map('byTemplate', coded),
    })),
    facility: part.part('facility', coded),
    practice: part.part('practice', coded),
    confidentiality: part.part('confidentiality', (one) => ({
      system: one.text('system'),
      MASQUE_PS: one.part('MASQUE_PS', listed),
      INVISIBLE_PATIENT: one.part('INVISIBLE_PATIENT', listed),
      INVISIBLE_REP_LEGAUX: one.part('INVISIBLE_REP_LEGAUX', listed),
    })),
  }
}
