import { expect, test } from 'vitest'
import type { CaseStudy } from '../../src/core/cases.ts'
import type { Config } from '../../src/core/config.ts'
import type { StudyRow } from '../../src/telemedicine/images/rows.ts'
import { wanted } from '../../src/telemedicine/images/wanted.ts'
import { caseOf } from '../formats/case/case.ts'

const NOW_MS = Date.UTC(2026, 10, 23, 9)
const config = { destinations: new Map(), establishments: new Map() } as unknown as Config
const ids = { uuid: () => 'new', random: () => 0 }
const study = (uid: string | null, accession: string | null): CaseStudy => ({
  ...{ uid, accession, modality: null },
  ...{ expected: null, received: 0, held: 0, changedAtMs: NOW_MS },
})
const row = (site: string, uid: string | null, accession: string | null): StudyRow => ({
  ...{ id: `${site}/${uid}`, careCase: null, site, source: 'spool:x', target: null, uid, accession },
  ...{ state: 'sought' as const, code: null, attempts: 0, dueAtMs: 0, madeAtMs: 0, changedAtMs: 0 },
})
const care = caseOf({ studies: [study('1.2.3', 'ACC-1')] })

// The case was asked for by ch-haut-anjou.
test.each<[why: string, row: StudyRow, taken: boolean]>([
  ['its own site sent it', row('ch-haut-anjou', '1.2.3', null), true],
  ['its own site sent it, by its accession number', row('ch-haut-anjou', null, 'ACC-1'), true],
  ['another establishment sent a study of the same UID', row('ch-laval', '1.2.3', null), false],
  ['another establishment sent one of the same accession number', row('ch-laval', null, 'ACC-1'), false],
  ['the centre that answers sent it', row('chu-angers', '1.2.3', 'ACC-1'), false],
  ['its site sent another study', row('ch-haut-anjou', '1.2.9', null), false],
])('images that came by the door and %s', (_why, loose, taken) => {
  const rows = wanted(care, { of: [], loose: [loose] }, config, { ids, nowMs: NOW_MS })
  const attached = rows.filter(({ sql }) => sql.startsWith('UPDATE image_study SET care_case'))
  expect(attached.map(({ parameters }) => parameters.at(-1))).toEqual(taken ? [loose.id] : [])
})

test('a study that was taken out of a case is carried no more, and what came by the door waits for whoever names it', () => {
  const [kept, door, other] = ['1.2.3', '1.2.4', '1.2.5'].map((uid) => ({
    ...row('ch-haut-anjou', uid, null),
    careCase: care.id,
  }))
  const known = [kept!, door!, { ...other!, source: 'ch-haut-anjou/pacs' }]
  const rows = wanted(care, { of: known, loose: [] }, config, { ids, nowMs: NOW_MS })
  const said = rows.map(({ sql, parameters }) => [sql.replace(/\s+/g, ' ').slice(0, 46), parameters.includes(door!.id)])
  expect(said).toEqual([
    ['UPDATE image_study SET care_case = NULL, targe', true],
    ["UPDATE image_instance SET state = 'waiting', t", true],
    ['DELETE FROM image_identity WHERE study = ?', true],
    ["UPDATE image_study SET state = 'over', changed", false],
  ])
  expect(rows.at(-1)?.parameters).toContain(other!.id)
})
