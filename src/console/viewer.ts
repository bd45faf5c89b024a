import type { FastifyRequest } from 'fastify'
import { type Caller, reachOf } from '../core/caller.ts'
import type { CasePatient, CaseViewer } from '../core/cases.ts'

/** A caller as one who takes part in cases: of the establishment that is their first, where they have several. */
export function callerAsViewer(caller: Caller): CaseViewer {
  const establishments =
    caller.role === 'establishment'
      ? [caller.establishment]
      : [reachOf(caller, 'cases:read'), reachOf(caller, 'appointments:read')].flatMap(
          (reach) => reach?.establishments ?? [],
        )
  const establishment = establishments[0] ?? null
  return { caller, participant: { name: caller.who, rpps: null, establishment, role: caller.role, phone: null } }
}

/** Tells the audit of what case a call was, and of which patient. */
export type TellAudit = (
  request: FastifyRequest,
  what: { readonly case: string; readonly patients: readonly string[] },
) => void

/** The patient of a case as the audit knows them, by whichever identifier they are asked for; nobody without one. */
export function patientOf({ patient: { identifiers } }: { readonly patient: CasePatient }): {
  readonly patients: readonly string[]
} {
  return { patients: identifiers.map(({ authority, value }) => `${authority.replace(/^urn:oid:/, '')}|${value}`) }
}
