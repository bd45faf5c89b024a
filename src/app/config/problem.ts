/** What is wrong with a region file, and where. Pure. */

/** Names of what can be wrong; a name's meaning never changes. */
export type ProblemCode =
  | 'UNREADABLE'
  | 'YAML'
  | 'NOT_UTF8'
  | 'UNKNOWN_KEY'
  | 'MISSING'
  | 'WRONG_TYPE'
  | 'BAD_VALUE'
  | 'OUT_OF_BOUNDS'
  | 'NOT_IN_RELEASE'
  | 'SECRET_INLINE'
  | 'REFERENCE_EMPTY'
  | 'FILE_MISSING'
  | 'TLS_MATERIAL'
  | 'CERTIFICATE_EXPIRED'
  | 'CERTIFICATE_TWICE'
  | 'CRL_MISSING'
  | 'CRL_STALE'
  | 'BAD_JWKS'
  | 'BAD_URL'
  | 'PLAIN_DESTINATION'
  | 'BAD_EDIT'
  | 'BAD_TRANSFORM'
  | 'NO_CONVERSION'
  | 'DISTINGUISHED_NAME'
  | 'ID_TWICE'
  | 'NAME_TWICE'
  | 'NAME_RESERVED'
  | 'KEY_TWICE'
  | 'FACILITY_TWICE'
  | 'FINESS_KEY'
  | 'PORT_TWICE'
  | 'PLAIN_DOOR'
  | 'BUDGET_BELOW_FRAME'
  | 'RETRY_ORDER'
  | 'UNKNOWN_DESTINATION'
  | 'UNKNOWN_ESTABLISHMENT'
  | 'UNKNOWN_SERVICE'
  | 'UNKNOWN_TABLE'
  | 'BAD_TABLE'
  | 'BAD_SERVICE'
  | 'BAD_LADDER'
  | 'NO_CENTRE'
  | 'NO_ROUTE'
  | 'NO_SYSTEM'
  | 'UNKNOWN_PROFILE'
  | 'BAD_DEFINITIONS'
  | 'BAD_RULES'
  | 'UNKNOWN_RULE'
  | 'BAD_FRAMEWORK'
  | 'BAD_PROGRAMME'
  | 'BAD_PATH'
  | 'NO_TAKER'
  | 'NO_REACH'
  | 'USELESS_REACH'
  | 'NO_CONTENT'
  | 'UNKNOWN_PROVIDER'
  | 'DEMO_REACHABLE'

/** Keys and indexes from the root of the file to a value. */
export type Path = readonly (string | number)[]

/** Something wrong at a path of the file, before its line is known. `onKey`: the key itself is meant, not its value. */
export interface Fault {
  readonly severity: 'error' | 'warning'
  readonly path: Path
  readonly onKey?: boolean
  readonly code: ProblemCode
  readonly message: string
}

/** Something wrong with its place: line and column count from 1; `at` reads `establishments[2].senders`. */
export interface Problem {
  readonly severity: 'error' | 'warning'
  readonly line: number
  readonly column: number
  readonly at: string
  readonly code: ProblemCode
  readonly message: string
}

/** A fault that keeps the file from being used. */
export function error(path: Path, code: ProblemCode, message: string): Fault {
  return { severity: 'error', path, code, message }
}

/** A fault that a person should look at; the file may be used. */
export function warning(path: Path, code: ProblemCode, message: string): Fault {
  return { severity: 'warning', path, code, message }
}

/** A path as a person writes it: `establishments[2].ackPolicy["ORU^R01"]`; the root is empty text. */
export function pathText(path: Path): string {
  return path
    .map((part, i) => {
      if (typeof part === 'number') return `[${part}]`
      if (!/^[\w-]+$/.test(part)) return `[${JSON.stringify(part)}]`
      return i === 0 ? part : `.${part}`
    })
    .join('')
}
