import { type Caller, may, reachOf } from '../core/caller.ts'
import type { MatrixFilter } from '../core/conformity-views.ts'
import { GatewayError } from '../core/errors.ts'
import type { ProgrammeViews } from '../core/programme-commands.ts'

/** What is asked of programmes where establishments are chosen by the one they are in. */
export type MemberViews = Pick<ProgrammeViews, 'programmes' | 'establishmentsIn'>

/**
 * As a filter of the matrix: establishments that are in this programme, as far as the caller sees programmes; none asked for: all.
 * @throws {GatewayError} FORBIDDEN to who may not read programmes */
export async function among(
  caller: Caller,
  views: MemberViews,
  programme: string | undefined,
): Promise<Pick<MatrixFilter, 'among'>> {
  if (programme === undefined) return {}
  if (!may(caller, 'programmes:read')) throw new GatewayError('FORBIDDEN')
  return { among: new Set(await views.establishmentsIn(programme, reachOf(caller, 'programmes:read'))) }
}
