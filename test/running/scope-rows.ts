import { CARE_API } from './scope-api.ts'
import { CARE_PAGES } from './scope-care.ts'
import {
  ledToCase,
  ownAct,
  ownCase,
  ownImages,
  ownList,
  ownLive,
  ownMeasures,
  ownPrint,
  ownStudy,
} from './scope-cases.ts'
import { CONFORMITY_ROWS } from './scope-conformity.ts'
import { ownDuty, ownNotices, ownOnDuty, ownOpen, ownRotas, ownSaving, ownTaking, ownTest } from './scope-duty.ts'
import { EVIDENCE_ROWS } from './scope-evidence.ts'
import { MAIL_ROWS } from './scope-mail.ts'
import {
  ownAcceptance,
  ownBundle,
  ownCreation,
  ownEnding,
  ownExports,
  ownFront,
  ownLeaving,
  ownMessage,
  ownRuns,
  ownSession,
  ownValidation,
  ownViews,
  shownTo,
} from './scope-persons.ts'
import { PROGRAMME_ROWS } from './scope-programmes.ts'
import { STRUCTURE_ROWS } from './scope-structures.ts'
import { WEBMAIL_ROWS } from './scope-webmail.ts'
import { type Ask, fhir, markOf, patient, type Scene, type Thing, type Who } from './scope-world.ts'

/** How the scope of a route is seen. */
export type Row =
  /** All ask the same, and are shown what is theirs. */
  | { readonly kind: 'list'; readonly ask: (own: Thing) => Ask }
  /** It is of one thing: whose that is not gets 404. */
  | { readonly kind: 'one'; readonly ask: (thing: Thing) => Ask }
  /** Neither: what is wrong. */
  | { readonly kind: 'told'; readonly check: (scene: Scene, who: Who) => Promise<readonly string[]> }

const list = (ask: (own: Thing) => Ask): Row => ({ kind: 'list', ask })
const one = (ask: (thing: Thing) => Ask): Row => ({ kind: 'one', ask })
const told = (check: (scene: Scene, who: Who) => Promise<readonly string[]>): Row => ({ kind: 'told', check })
const get = (path: string): Row => list(() => ({ path }))
const YEARS = 'from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z'
const search = { since: '2020-01-01T00:00:00Z' }
const onboarding = (rest: string): Row =>
  one(({ establishment }) => ({ path: `/raccordements/${establishment}/results${rest}` }))
/** A file of what one sees. */
async function exported({ call }: Scene, who: Who, format: string): Promise<string[]> {
  const faults: string[] = []
  for (const side of ['a', 'b'] as const) {
    const told = await call(who, side, { path: '/messages/export', form: { format } })
    const is = format === 'json' ? /^\s*[[{]/ : /^\ufeff?[^{[]/
    faults.push(...shownTo(who, side, told), ...(is.test(told.text) ? [] : [`${side} got no ${format}: ${told.text}`]))
  }
  return faults
}
const resource = ({ side, patient: id }: Thing) => patient(markOf(side), { id })
const patch = { headers: { 'content-type': 'application/json-patch+json', prefer: 'return=representation' } }

/** Every route on which somebody sees less than the whole region. One that is added needs a row. */
export const ROWS: Readonly<Record<string, Row>> = {
  // Oneself.
  'GET /': told(ownFront),
  'GET /session': told(ownSession),
  'POST /session/fin': told(ownEnding),
  'POST /session/partout': told(ownLeaving),
  'GET /api/runs/:id': told(ownRuns),
  // The overview.
  'GET /api/status': get('/api/status'),
  'GET /api/maintenance': get('/api/maintenance'),
  'GET /live/overview': get('/live/overview?lang=en'),
  'GET /etat/etablissements': get('/etat/etablissements'),
  'GET /etat/destinataires': get('/etat/destinataires'),
  'GET /etat/flux': get('/etat/flux'),
  // Alerts.
  'GET /alertes': get('/alertes'),
  'GET /alertes/:id': one(({ alert }) => ({ path: `/alertes/${alert}` })),
  'GET /api/alerts': get('/api/alerts'),
  'GET /api/alerts/:id': one(({ alert }) => ({ path: `/api/alerts/${alert}` })),
  // Duty, and what was told.
  'GET /api/duty': told(ownRotas),
  'GET /api/duty/on': told(ownOnDuty),
  'GET /api/duty/:id': told(ownDuty),
  'GET /api/duty/:id/open': told(ownOpen),
  'PUT /api/duty': told(ownSaving),
  'POST /api/duty/:id/test': told(ownTest),
  'POST /api/duty/:id/take': told(ownTaking),
  'GET /api/cases/:id/notices': told(ownNotices),
  // Onboarding.
  'GET /raccordements': get('/raccordements'),
  'GET /raccordements/:establishment/:flow': onboarding(''),
  'GET /raccordements/:establishment/:flow/bloc': onboarding('/bloc'),
  'GET /raccordements/:establishment/:flow/fiche': onboarding('/fiche'),
  // Messages.
  'GET /api/messages': get('/api/messages'),
  'POST /api/messages/search': list(() => ({ path: '/api/messages/search', json: search })),
  'GET /api/messages/:id': one(({ message }) => ({ path: `/api/messages/${message}` })),
  'GET /api/messages/:id/body': one(({ message }) => ({ path: `/api/messages/${message}/body` })),
  'POST /api/messages/:id/body': one(({ message }) => ({
    path: `/api/messages/${message}/body`,
    json: { reason: 'incident 12' },
  })),
  'GET /messages': get('/messages'),
  'GET /messages/recherche': told(async ({ call }, who) =>
    (await call(who, 'a', { path: '/messages/recherche' })).to === '/messages' ? [] : ['leads elsewhere'],
  ),
  'POST /messages/recherche': list(() => ({ path: '/messages/recherche', form: { q: 'unknown', kind: 'ORU^R01' } })),
  'GET /messages/:id': one(({ message }) => ({ path: `/messages/${message}` })),
  'POST /messages/:id': one(({ message }) => ({ path: `/messages/${message}`, form: { reason: 'incident 12' } })),
  'GET /messages/:id/fiche.json': one(({ message }) => ({ path: `/messages/${message}/fiche.json` })),
  'GET /messages/:id/fiche.txt': one(({ message }) => ({ path: `/messages/${message}/fiche.txt` })),
  'POST /messages/export': told(async (scene, who) =>
    (await Promise.all(['csv', 'json'].map((format) => exported(scene, who, format)))).flat(),
  ),
  'GET /messages/export/:ticket': told(ownExports),
  'POST /messages/vues': told(ownViews),
  // Cases of telemedicine, on pages.
  'GET /dossiers': told(ownList),
  'GET /dossiers/:id': told(ownCase),
  'POST /dossiers/:id/actes': told(ownAct),
  'GET /dossiers/:id/actes': told(ledToCase),
  'GET /dossiers/:id/images': told(ownPrint('images')),
  'POST /dossiers/:id/images': told(ownStudy),
  'GET /dossiers/:id/synthese': told(ownPrint('synthese')),
  'GET /dossiers/:id/compte-rendu': told(ownPrint('compte-rendu')),
  'GET /mesures': told((scene, who) => ownMeasures(scene, who, '/mesures')),
  'GET /mesures/mois.csv': told((scene, who) => ownMeasures(scene, who, '/mesures/mois.csv')),
  'GET /mesures/dossiers.csv': told((scene, who) => ownMeasures(scene, who, '/mesures/dossiers.csv')),
  'GET /api/measures': told((scene, who) => ownMeasures(scene, who, `/api/measures?${YEARS}`)),
  'GET /live/cases': told(ownLive),
  ...CARE_PAGES,
  ...CARE_API,
  ...MAIL_ROWS,
  ...CONFORMITY_ROWS,
  ...STRUCTURE_ROWS,
  ...EVIDENCE_ROWS,
  ...PROGRAMME_ROWS,
  ...WEBMAIL_ROWS,
  // Images.
  'POST /dicomweb/studies': told(ownImages('/dicomweb/studies')),
  'POST /dicomweb/studies/:study': told(ownImages('/dicomweb/studies/1.2.3.4')),
  // What an establishment's system sends, and reads of it.
  'POST /hl7': told((scene) => ownAcceptance(scene, '/hl7')),
  'POST /sandbox/hl7': told((scene) => ownAcceptance(scene, '/sandbox/hl7')),
  'POST /fhir': told(ownBundle),
  'POST /fhir/$process-message': told(ownMessage),
  'POST /fhir/:type': told(ownCreation),
  'POST /fhir/:type/$validate': told(ownValidation),
  'GET /fhir/:type': list(() => fhir('/Patient')),
  'POST /fhir/:type/_search': list(() => ({
    path: '/fhir/Patient/_search',
    form: { _count: '50' },
    headers: { accept: 'application/fhir+json' },
  })),
  'GET /fhir/:type/:id': one(({ patient: id }) => fhir(`/Patient/${id}`)),
  'GET /fhir/:type/:id/_history/:version': one(({ patient: id }) => fhir(`/Patient/${id}/_history/1`)),
  'PUT /fhir/:type/:id': one((thing) => fhir(`/Patient/${thing.patient}`, resource(thing), 'PUT')),
  'PATCH /fhir/:type/:id': one(({ patient: id }) => ({
    ...fhir(`/Patient/${id}`, [{ op: 'replace', path: '/name/0/family', value: 'AUTRE (FICTIF)' }], 'PATCH'),
    ...patch,
  })),
}
