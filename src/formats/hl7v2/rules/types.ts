/** Data types whose form can be told from the bytes (HL7 v2.5.1 chapter 2A; IHE France, constraints on data types). */

/** Is this, as it stands in the message, a value of the type? `separator` cuts its parts. */
export type TypeTest = (raw: string, separator: string) => boolean

const TIME = '([01]\\d|2[0-3])([0-5]\\d([0-5]\\d(\\.\\d{1,4})?)?)?'
const DATE = '\\d{4}((0[1-9]|1[0-2])((0[1-9]|[12]\\d|3[01])'
const ZONE = '([+-]\\d{4})?'
const TIMESTAMP = new RegExp(`^${DATE}(${TIME})?)?)?${ZONE}$`)
const DATE_ONLY = new RegExp(`^${DATE})?)?$`)
const TIME_ONLY = new RegExp(`^${TIME}${ZONE}$`)
/** Object identifier: arcs without leading zeros, 64 characters (DICOM PS3.5 §9.1). */
const OBJECT_ID = /^(?=.{1,64}$)[0-2](\.(0|[1-9]\d*))+$/

const first =
  (pattern: RegExp): TypeTest =>
  (raw, separator) => {
    const end = raw.indexOf(separator)
    return pattern.test(end < 0 ? raw : raw.slice(0, end))
  }

/** The types that a rule can ask for. */
export const TYPES: Readonly<Record<string, TypeTest>> = {
  /** Date and time: `YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+/-ZZZZ]`. */
  TS: first(TIMESTAMP),
  DT: first(DATE_ONLY),
  TM: first(TIME_ONLY),
  NM: first(/^[+-]?(\d+(\.\d*)?|\.\d+)$/),
  SI: first(/^\d{1,4}$/),
  UID: first(OBJECT_ID),
  /** EI-1, and EI-2 or both EI-3 and EI-4 (IHE France, data types, N.2). */
  EI: (raw, separator) => {
    const [id = '', name = '', universal = '', kind = ''] = raw.split(separator, 4)
    return id !== '' && id.length <= 128 && (name !== '' || (universal !== '' && kind !== ''))
  },
  /** An identifier with its authority. */
  CX: (raw, separator) => {
    const parts = raw.split(separator, 4)
    return (parts[0] ?? '') !== '' && (parts[3] ?? '') !== ''
  },
  /** HD-1, or both HD-2 and HD-3. */
  HD: (raw, separator) => {
    const [name = '', universal = '', kind = ''] = raw.split(separator, 3)
    return (universal === '') === (kind === '') && (name !== '' || universal !== '')
  },
  /** An identifier or a name. */
  XCN: (raw, separator) => raw.split(separator, 2).some((one) => one !== ''),
  /** A name, or an identifier in XON-10. */
  XON: (raw, separator) => {
    const parts = raw.split(separator, 10)
    return (parts[0] ?? '') !== '' || (parts[9] ?? '') !== ''
  },
}
