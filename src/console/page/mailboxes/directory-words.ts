import type { DirectoryImport } from '../../../core/directory.ts'
import type { Language } from '../../../formats/http/language.ts'

/** Every word of the page of the directory, in one language. */
export interface DirectoryWords {
  readonly title: string
  readonly lead: string
  readonly fields: Readonly<Record<'q' | 'rpps' | 'finess' | 'speciality' | 'town' | 'kind', string>>
  readonly columns: Readonly<Record<'address' | 'name' | 'kind' | 'job' | 'place', string>>
  readonly all: string
  readonly search: string
  readonly found: string
  readonly noneFound: string
  readonly more: string
  readonly ours: string
  readonly red: string
  readonly imports: string
  readonly never: string
  readonly states: Readonly<Record<DirectoryImport['state'], string>>
  readonly facts: Readonly<Record<'file' | 'generated' | 'imported' | 'rows' | 'repeated' | 'bad' | 'progress', string>>
  readonly command: string
}

const FR: DirectoryWords = {
  title: 'Annuaire',
  lead: 'Les BAL de l’annuaire national importé et celles de la plateforme, hors liste rouge. Tous les mots doivent convenir ; accents et majuscules ne comptent pas.',
  fields: {
    q: 'Nom, structure, service',
    rpps: 'RPPS ou ADELI',
    finess: 'FINESS de la structure',
    speciality: 'Profession ou spécialité',
    town: 'Ville, code postal ou département',
    kind: 'Type',
  },
  columns: { address: 'Adresse', name: 'Nom', kind: 'Type', job: 'Profession, spécialité', place: 'Structure, ville' },
  all: 'Tous',
  search: 'Chercher',
  found: 'BAL trouvées',
  noneFound: 'Aucune BAL ne convient.',
  more: 'Page suivante',
  ours: 'de la plateforme',
  red: 'liste rouge',
  imports: 'Dernier import',
  never: 'L’annuaire national n’a pas encore été importé : seules les BAL de la plateforme sont trouvées.',
  states: { running: 'En cours', current: 'En service', replaced: 'Remplacé', failed: 'Échoué' },
  facts: {
    file: 'Fichier',
    generated: 'Établi le',
    imported: 'Importé le',
    rows: 'BAL',
    repeated: 'Lignes en double',
    bad: 'Lignes ignorées',
    progress: 'Import en cours',
  },
  command: 'L’administrateur importe une extraction par « passerelle directory import FICHIER ».',
}

const EN: DirectoryWords = {
  title: 'Directory',
  lead: 'Mailboxes of the national directory as it was imported, and those kept here, without the red list. All words must fit; accents and capitals do not count.',
  fields: {
    q: 'Name, organisation, service',
    rpps: 'RPPS or ADELI',
    finess: 'FINESS of the organisation',
    speciality: 'Profession or speciality',
    town: 'Town, postcode or department',
    kind: 'Kind',
  },
  columns: {
    address: 'Address',
    name: 'Name',
    kind: 'Kind',
    job: 'Profession, speciality',
    place: 'Organisation, town',
  },
  all: 'All',
  search: 'Search',
  found: 'Mailboxes found',
  noneFound: 'No mailbox fits.',
  more: 'Next page',
  ours: 'kept here',
  red: 'red list',
  imports: 'Last import',
  never: 'The national directory was not imported yet: only mailboxes kept here are found.',
  states: { running: 'Running', current: 'In use', replaced: 'Replaced', failed: 'Failed' },
  facts: {
    file: 'File',
    generated: 'Made on',
    imported: 'Imported on',
    rows: 'Mailboxes',
    repeated: 'Repeated lines',
    bad: 'Lines left out',
    progress: 'Import under way',
  },
  command: 'An administrator imports an extraction with “passerelle directory import FILE”.',
}

/** The catalogue of each language. */
export const DIRECTORY_WORDS: Readonly<Record<Language, DirectoryWords>> = { fr: FR, en: EN }
