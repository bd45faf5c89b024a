import type { DicomwebTarget } from '../../core/config.ts'
import { codeOf, type ErrorCode } from '../../core/errors.ts'
import type { Archive, Coercion, ImagePatient, Where } from '../../core/images.ts'
import { instanceOf } from '../../formats/dicom/facts.ts'
import { coerce, type Issuer } from './coerce.ts'
import { following, headOf } from './instance.ts'

/** What became of one instance. `again`: it may be tried again; otherwise the same bytes would be refused again. */
export type Carried =
  | { readonly is: 'there'; readonly coerced: readonly Coercion[]; readonly bytes: number }
  /** Its bytes name somebody else than the gate lets pass. */
  | { readonly is: 'held' }
  | { readonly is: 'failed'; readonly code: ErrorCode; readonly again: boolean; readonly here: boolean }

/** The way of an instance. */
export interface Way {
  readonly source: Archive
  readonly target: Archive
  /** Of the site. */
  readonly issuer: Issuer
  readonly patientIds: DicomwebTarget['patientIds']
  /** May an instance that names this patient leave? Asked with what its bytes say, before the first of them goes. */
  readonly passes: (patient: ImagePatient) => Promise<boolean>
  readonly signal: AbortSignal
}

/**
 * Fetches one instance and stores it at the centre, its bytes never more than on their way: they are read as fast as the
 * centre takes them. The head is read first, and nothing leaves when it names another instance, or another patient. */
export async function carry(where: Where, way: Way): Promise<Carried> {
  const { source, target, signal } = way
  const opened = await source.open(where, signal)
  if (!opened.ok) return { is: 'failed', code: opened.code, again: opened.again, here: true }
  const headed = await headOf(opened.value)
  if (!headed.ok) return { is: 'failed', code: headed.code, again: headed.again, here: true }
  const { head, rest } = headed
  const refuse = async (refused: Carried): Promise<Carried> => {
    await rest.return?.()
    return refused
  }
  const instance = instanceOf(head)
  if (instance === null || instance.uid !== where.uid || instance.study !== where.study)
    return refuse({ is: 'failed', code: 'IMAGE_CHANGED', again: false, here: true })
  try {
    if (!(await way.passes(instance.patient))) return refuse({ is: 'held' })
  } catch (fault) {
    return refuse({ is: 'failed', code: codeOf(fault), again: true, here: true })
  }
  const coerced = coerce(head, way.issuer, way.patientIds)
  if (coerced === null) return refuse({ is: 'failed', code: 'DICOM_MALFORMED', again: false, here: true })
  let bytes = 0
  const sent = following(coerced.bytes, rest, (more) => {
    bytes += more
  })
  const kept = await target.keep(where, sent, signal)
  if (kept.ok) return { is: 'there', coerced: coerced.done, bytes: bytes + head.bytes.length }
  await rest.return?.()
  return { is: 'failed', code: kept.code, again: kept.again, here: false }
}
