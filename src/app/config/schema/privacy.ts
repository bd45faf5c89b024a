import { keyed, NAME, type Piece, texts } from './piece.ts'

const DAY: Piece = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\d$', what: 'a day such as 2026-03-14' }

/** Headings of a declaration. What the CERT Santé asks is recalled, not read: so they are settings. */
export const INCIDENT_HEADINGS = [
  'Structure déclarante et personne à joindre',
  "Début de l'incident, détection",
  "Nature et description de l'incident",
  'Systèmes et services touchés',
  'Conséquences pour la prise en charge des patients',
  'Données et personnes concernées',
  'Mesures prises, mesures prévues',
  'Appui demandé, autres déclarations (CNIL, ANSSI, ARS, plainte)',
]

const holds: Piece = {
  type: 'array',
  default: [],
  description: 'Legal holds: what one covers is not erased while it stands here.',
  items: keyed(
    'One legal hold. It covers the messages that meet all of its conditions; without any, all of them.',
    {
      name: { type: 'string', minLength: 1, maxLength: 200, description: 'What it is called; never a patient.' },
      establishments: texts('Establishments that sent the messages.', NAME),
      patients: texts('Marks of patients, as `passerelle privacy find` gives them; never an identifier.', {
        type: 'string',
        pattern: '^[A-Za-z0-9_-]{16}$',
        what: 'a mark of 16 characters',
      }),
      since: { ...DAY, description: 'Received on that day (UTC) or later.' },
      until: { ...DAY, description: 'Received on that day (UTC) or before.' },
    },
    ['name'],
  ),
}

/** The settings of `privacy`. */
export const privacyPiece: Piece = {
  ...keyed('Rights of patients, and declarations of incidents.', {
    holds,
    incidentHeadings: {
      ...texts('Headings of the document of a security incident.', { type: 'string', minLength: 1, maxLength: 200 }),
      default: [...INCIDENT_HEADINGS],
    },
  }),
  default: {},
}
