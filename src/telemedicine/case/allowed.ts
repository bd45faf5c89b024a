import type { Act, AllowedActs, Case, CaseViewer } from '../../core/cases.ts'
import type { CareService } from '../../core/services.ts'
import { decide } from './decide.ts'

/** What the acts of a case would be of, to ask whether they may be done. */
function tried(of: Case, { caller, participant }: CaseViewer, { decisions, reports }: CareService): readonly Act[] {
  const nowMs = 0
  const plain = ['see', 'accept', 'images-sent', 'read-advice', 'finish'] as const
  const held = of.studies.find((study) => study.held > 0 && study.uid !== null)
  const [decision] = decisions
  const study = { uid: '1.2', accession: null, expected: null, modality: null }
  const consent = { given: true, by: '', atMs: nowMs, refusedWhy: null }
  return [
    ...plain.map((what): Act => ({ what })),
    { what: 'refuse', reason: '' },
    { what: 'cancel', reason: '' },
    { what: 'reached', whom: '', atMs: nowMs },
    { what: 'tell-time', name: 'arrival', time: null },
    { what: 'score', nihss: { items: {}, total: 0, differs: false } },
    { what: 'biology', message: null, codes: [], text: '' },
    { what: 'study', study },
    { what: 'advise', text: '', coded: [] },
    { what: 'consent', consent },
    { what: 'write', text: '' },
    ...(reports.length === 0 ? [] : [{ what: 'report' as const, type: '', message: null, text: '' }]),
    { what: 'hand-over', to: { ...participant, role: caller.role, establishment: null } },
    ...(held?.uid == null ? [] : [{ what: 'confirm-identity' as const, uid: held.uid, reason: '' }]),
    ...(decision === undefined ? [] : [{ what: 'decide' as const, decision: decision.id, text: '' }]),
  ]
}

/** What the viewer may do to the case now: by `decide`, which is asked again when it is done. Pure. */
export function allowedActs(of: Case, viewer: CaseViewer, service: CareService, nowMs: number): AllowedActs {
  const isAllowed = (act: Act): boolean => {
    const decision = decide(of, act, viewer, service, { nowMs, atMs: null })
    return decision.ok && decision.happenings.length > 0
  }
  const ladders = service.ladders.map(({ name }) => name).filter((ladder) => isAllowed({ what: 'invite', ladder }))
  const requests = of.requests
    .map(({ id }) => id)
    .filter((request) => isAllowed({ what: 'separate', request, into: '' }))
  const acts = new Set(
    tried(of, viewer, service)
      .filter(isAllowed)
      .map(({ what }) => what),
  )
  if (ladders.length > 0) acts.add('invite')
  if (requests.length > 0) acts.add('separate')
  return { acts, ladders, requests }
}
