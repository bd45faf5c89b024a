/** An invented extraction of the national directory: `|` between the columns, a header, a line for each mailbox. Pure. */
import { labDomain } from './region.ts'

const COLUMNS = [
  'Type de BAL',
  'Adresse BAL',
  'Type Identifiant PP',
  'Identifiant PP',
  'Identification Nationale PP',
  'Type Identifiant Structure',
  'Identification Structure',
  'Service Rattachement',
  "Civilité d'exercice",
  "Nom d'exercice",
  "Prénom d'exercice",
  'Code Catégorie Professionnelle',
  'Libellé Catégorie Professionnelle',
  'Code Profession',
  'Libellé Profession',
  'Code savoir-faire',
  'Libellé savoir-faire',
  'Dématérialisation',
  'Raison sociale structure BAL',
  'Enseigne commerciale structure BAL',
  'Complément localisation structure BAL',
  'Complément distribution structure BAL',
  'Numéro Voie structure BAL',
  'Complément numéro voie structure BAL',
  'Type voie structure BAL',
  'Libellé Voie structure BAL',
  'Lieu-dit, mention structure BAL',
  'Ligne Acheminement structure BAL',
  'Code postal structure BAL',
  'Département structure BAL',
  'Pays structure BAL',
]
const ADDRESS = { 'Ligne Acheminement structure BAL': '00000 VILLE-FICTIVE', 'Pays structure BAL': 'FRANCE' }
const person = (local: string, domain: string, given: string, family: string, number: string): Row => ({
  ...{
    'Type de BAL': 'PER',
    'Adresse BAL': `${local}@${domain}`,
    'Type Identifiant PP': '8',
    'Identifiant PP': number,
  },
  ...{ 'Identification Nationale PP': `8${number}`, "Nom d'exercice": family, "Prénom d'exercice": given },
  ...{ 'Code Profession': '10', 'Libellé Profession': 'Médecin', Dématérialisation: 'O', ...ADDRESS },
})
const team = (local: string, domain: string, name: string): Row => ({
  ...{ 'Type de BAL': 'ORG', 'Adresse BAL': `${local}@${domain}`, 'Service Rattachement': name },
  ...{ 'Raison sociale structure BAL': 'ÉTABLISSEMENT FICTIF', Dématérialisation: 'O', ...ADDRESS },
})

type Row = Readonly<Record<string, string>>

/** Name of the file, as the national one is called; its time is UTC. */
export function extractionName(atMs: number): string {
  return `Extraction_Correspondance_MSSante_${new Date(atMs).toISOString().replace(/\D/g, '').slice(0, 12)}.txt`
}

/** The people and teams of both operators. */
export function labExtraction(): string {
  const [a, b] = [labDomain({ name: 'a' }), labDomain({ name: 'b' })]
  const rows = [
    person('demo-requester', a, 'Camille', 'DEMO (FICTIF)', '99900000110'),
    person('demo-requester', b, 'Dominique', 'DEMO (FICTIF)', '99900000128'),
    team('secretariat.neurologie', a, 'Secrétariat de neurologie (fictif)'),
    team('secretariat.neurologie', b, 'Secrétariat de neurologie (fictif)'),
  ]
  return [COLUMNS, ...rows.map((row) => COLUMNS.map((column) => row[column] ?? ''))]
    .map((line) => `${line.join('|')}\n`)
    .join('')
}
