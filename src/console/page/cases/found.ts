import type { Case, CaseViewer } from '../../../core/cases.ts'
import { viewerOf } from '../../../core/cases.ts'
import { type ErrorCode, GatewayError } from '../../../core/errors.ts'
import { HELP_EN } from '../../../core/help-en.ts'
import { HELP_FR } from '../../../core/help-fr.ts'
import { FOUND_TRAITS, type Found, type FoundStudy } from '../../../core/images.ts'
import type { Language } from '../../../formats/http/language.ts'
import { patientOf } from '../../viewer.ts'
import { type Html, html } from '../html.ts'
import { facts } from '../listing.ts'
import { dateText } from '../moment.ts'
import type { FormRoute, KnownVisit, RawRoute } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { lineField, unseenField } from './fields.ts'
import { comparedText } from './identities.ts'
import type { CasePageParts } from './pages.ts'
import { actsFor } from './shown.ts'
import { CASE_PAGE_WORDS } from './words.ts'
import { CASE_ASSETS } from './worklist.ts'

const PATH = '/dossiers/:id/images'
/** Refusals that are no answer of the archive. */
const REFUSED: readonly ErrorCode[] = ['CASE_NOT_FOUND', 'CASE_FORBIDDEN']

type Parts = Pick<CasePageParts, 'views' | 'finder'>

/** Studies of the site's archive by patient and day, each with a form that attaches it. Whole without script. */
export function foundRoute(parts: Parts): RawRoute {
  return {
    method: 'GET',
    path: PATH,
    permission: 'cases:act',
    look: 'read-case',
    async answer({ visit, params: { id = '' } }) {
      const { of, viewer } = await asked(id, visit as KnownVisit, parts)
      return drawn(of, visit as KnownVisit, await parts.finder.find(id, viewer), null)
    },
  }
}

/** A person says that a study is the case's, and why. */
export function foundForm(parts: Parts): FormRoute {
  return {
    path: PATH,
    permission: 'cases:act',
    look: 'read-case',
    async act(visit, fields, { id = '' }) {
      const { of, viewer } = await asked(id, visit, parts)
      const [uid, reason] = [fields.get('uid') ?? '', (fields.get('reason') ?? '').trim()]
      if (!/^[0-9.]{1,64}$/.test(uid) || reason === '' || reason.length > 200) throw new GatewayError('BAD_REQUEST')
      const done = await parts.finder.attach(id, { uid, reason }, viewer)
      if (done.ok) return { to: `/dossiers/${encodeURIComponent(id)}` }
      if (REFUSED.includes(done.error)) throw new GatewayError(done.error)
      return drawn(of, visit, await parts.finder.find(id, viewer), done.error)
    },
  }
}

async function asked(
  id: string,
  { caller }: KnownVisit,
  { views }: Parts,
): Promise<{ readonly of: Case; readonly viewer: CaseViewer }> {
  const line = await views.one(id, caller)
  if (line === null) throw new GatewayError('CASE_NOT_FOUND')
  const viewer = viewerOf(caller, actsFor(line.case, caller))
  if (viewer === null) throw new GatewayError('CASE_FORBIDDEN')
  return { of: line.case, viewer }
}

function drawn(of: Case, visit: KnownVisit, found: Found, fault: ErrorCode | null): PageBody {
  if (!found.ok && REFUSED.includes(found.error)) throw new GatewayError(found.error)
  const words = CASE_PAGE_WORDS[visit.language].found
  const help = visit.language === 'fr' ? HELP_FR : HELP_EN
  const body = html`<p class="back"><a href="/dossiers/${of.id}">${words.back}</a> · ${of.number}</p>
<p class="person"><strong>${of.patient.family} ${of.patient.given}</strong> · ${of.patient.birthDate === null ? words.untold : dateText(of.patient.birthDate, visit.language)} · ${CASE_PAGE_WORDS[visit.language].sexes[of.patient.sex]}</p>
${fault === null || !found.ok ? null : html`<p class="alarm fault" role="alert">${help[fault]}</p>`}
${found.ok ? listed(of, visit, found) : html`<p class="alarm fault" role="alert">${toldOf(found.error, visit.language)}</p>`}`
  return { title: words.title, body, about: { case: of.number, ...patientOf(of) }, ...CASE_ASSETS }
}

/** A refusal in the words of who asks for images; a site whose archive is not connected is no fault of theirs to mend. */
function toldOf(error: ErrorCode, language: Language): string {
  const { unreached, noArchive } = CASE_PAGE_WORDS[language].found
  if (error === 'IMAGES_NO_ARCHIVE') return noArchive
  const help = (language === 'fr' ? HELP_FR : HELP_EN)[error]
  return error === 'CASE_CLOSED' ? help : `${unreached} ${help}`
}

function listed(of: Case, visit: KnownVisit, { from, to, numbers, studies }: Found & { readonly ok: true }): Html {
  const words = CASE_PAGE_WORDS[visit.language].found
  if (numbers === 0) return html`<p class="quiet">${words.noNumber}</p>`
  return html`<p>${words.about(from, to)}</p>
${studies.length === 0 ? html`<p class="quiet">${words.none}</p>` : studies.map((one, n) => studyPart(of, visit, one, n))}`
}

function studyPart(of: Case, visit: KnownVisit, study: FoundStudy, n: number): Html {
  const words = CASE_PAGE_WORDS[visit.language].found
  const { uid, accession, date, modalities, description, instances, traits } = study
  const name = [...modalities, description].filter((text) => text !== null).join(' ') || words.study
  return html`<section class="study" aria-labelledby="t-found-${n}"><h2 id="t-found-${n}">${name}</h2>
${facts([
  [
    words.date,
    date === null ? words.untold : dateText(date.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3'), visit.language),
  ],
  [words.accession, accession ?? words.untold],
  [words.count, instances === null ? words.untold : String(instances)],
  [words.uid, uid],
  ...FOUND_TRAITS.map((trait): [string, Html] => [
    words.traits[trait],
    comparedText(traits[trait], words.states[traits[trait]]),
  ]),
])}
<form method="post" action="/dossiers/${of.id}/images">${unseenField('uid', uid)}${lineField(
    { id: `found-${n}`, value: () => '' },
    'reason',
    words.reason,
    { required: true },
  )}<button>${words.attach}</button></form></section>`
}
