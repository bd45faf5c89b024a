/** System scopes of SMART App Launch 2 (`system/Type.cruds`), and of version 1 (`read`, `write`, `*`). Pure. */

/** What a FHIR interaction asks for: create, read, update, delete, search. */
export type Permission = 'c' | 'r' | 'u' | 'd' | 's'

const SCOPE = /^system\/(\*|[A-Z][A-Za-z]{1,63})\.(read|write|\*|(?=.)c?r?u?d?s?)$/
const VERSION_1: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' }

/** Those of the scopes asked for that can be granted, in the order asked; empty: none. Unknown ones are left out (RFC 6749 §3.3). */
export function grantable(asked: string): string {
  return asked
    .slice(0, 2_000)
    .split(' ')
    .filter((one) => SCOPE.test(one))
    .join(' ')
}

/** Does a granted scope allow this on this type? `*`: on every type. */
export function allows(scope: string, type: string, permission: Permission): boolean {
  return scope.split(' ').some((one) => {
    const [, onType = '', may = ''] = SCOPE.exec(one) ?? []
    return (onType === '*' || onType === type) && (VERSION_1[may] ?? may).includes(permission)
  })
}
