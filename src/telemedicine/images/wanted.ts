import type { Case, CaseStudy } from '../../core/cases.ts'
import type { Config } from '../../core/config.ts'
import type { Statement } from '../../core/journal.ts'
import type { Ids } from '../../core/ports.ts'
import { archivesOf } from './domain.ts'
import { attach, detach, dueNow, retarget, type StudyRow, studyInsert, studyOver } from './rows.ts'

/** What is known when a case is looked at. */
export interface Known {
  readonly of: readonly StudyRow[]
  /** Studies that came by a door and belong to no case. */
  readonly loose: readonly StudyRow[]
}

/**
 * What a case wants of images now: a row for each study that it names, from the archive of the site that named it; the
 * archive of the centre that accepted as its target; and nothing any more of a study that was taken out of it, or when it is
 * closed. Pure. */
export function wanted(
  one: Case,
  known: Known,
  config: Config,
  { ids, nowMs }: { ids: Ids; nowMs: number },
): Statement[] {
  if (one.closedAtMs !== null)
    return known.of.filter(({ state }) => state !== 'over').map(({ id }) => studyOver(id, nowMs))
  const target = targetOf(one, config)
  const rows: Statement[] = []
  for (const row of known.of) {
    if (!one.studies.some((study) => isOf(row, study)))
      rows.push(...(row.source.startsWith('spool:') ? detach(row, nowMs) : [studyOver(row.id, nowMs)]))
    else if (row.target !== target && row.state !== 'over') rows.push(...retarget(row, target, nowMs))
    else if (row.state === 'held' || (one.imagesSentAtMs !== null && one.imagesSentAtMs > row.changedAtMs))
      rows.push(dueNow(row, nowMs))
  }
  for (const study of one.studies) {
    const loose = known.loose.filter((row) => isOf(row, study) && sitesOf(one).has(row.site))
    for (const row of loose) rows.push(attach(row, one.id, nowMs))
    if (loose.length > 0 || known.of.some((row) => row.state !== 'over' && isOf(row, study))) continue
    const site = siteOf(one, study)
    const [source] = archivesOf(config, site, one.test || one.drill)
    if (source === undefined) continue
    rows.push(
      studyInsert({
        id: ids.uuid(),
        careCase: one.id,
        site,
        source: source.id,
        target,
        uid: study.uid,
        accession: study.accession,
        state: 'sought',
        code: null,
        attempts: 0,
        dueAtMs: nowMs,
        madeAtMs: nowMs,
        changedAtMs: nowMs,
      }),
    )
  }
  return rows
}

/** The archive of the centre that accepted; null: none has, or it has none. */
function targetOf({ owner, test, drill }: Case, config: Config): string | null {
  return owner === null ? null : (archivesOf(config, owner.establishment, test || drill)[0]?.id ?? null)
}

function isOf(row: StudyRow, study: CaseStudy): boolean {
  if (row.uid !== null && study.uid !== null) return row.uid === study.uid
  return row.accession !== null && row.accession === study.accession
}

/** The site that named the study, else the one that asked first. */
function siteOf(one: Case, study: CaseStudy): string {
  const named = ({ uid, accession }: Pick<CaseStudy, 'uid' | 'accession'>): boolean =>
    study.uid === null ? accession === study.accession : uid === study.uid
  return one.requests.find(({ studies }) => studies.some(named))?.site ?? one.site
}

function sitesOf({ site, requests }: Case): ReadonlySet<string> {
  return new Set([site, ...requests.map((request) => request.site)])
}
