/** The register of the demonstration: some 120 structures around those of its region, invented and marked so. Pure. */
import type { Config, Establishment, EstablishmentKind } from '../../core/config.ts'
import type { StructureProfile } from '../../core/structures.ts'
import { luhnHolds } from '../../formats/identifiers/luhn.ts'

/** A category as the file writes it. */
type Category = readonly [code: string, words: string]
const HOSPITAL: Category = ['355', 'Centre Hospitalier (C.H.)']
const HOME: Category = ['500', "Etablissement d'hébergement pour personnes âgées dépendantes"]
const LONG_STAY: Category = ['362', 'Etablissement de Soins Longue Durée']
const CATEGORIES: Readonly<Record<EstablishmentKind, Category>> = {
  hospital: HOSPITAL,
  'university-hospital': ['101', 'Centre Hospitalier Régional (C.H.R.)'],
  'nursing-home': HOME,
  'disability-home': ['255', "Maison d'Accueil Spécialisée (M.A.S.)"],
  social: ['214', 'Centre Hébergement & Réinsertion Sociale (C.H.R.S.)'],
  samu: HOSPITAL,
  'expert-centre': ['696', 'Groupement de coopération sanitaire de moyens'],
  platform: ['696', 'Groupement de coopération sanitaire de moyens'],
}
/** What managing bodies have, each in turn. */
const PLACES: readonly (readonly [name: string, category: Category])[] = [
  ['EHPAD', HOME],
  ['Résidence autonomie', ['202', 'Résidences autonomie']],
  ["Maison d'accueil spécialisée", CATEGORIES['disability-home']],
  ['IME', ['183', 'Institut Médico-Educatif (I.M.E.)']],
  ['ESAT', ['246', "Etablissement et Service d'Aide par le Travail (E.S.A.T.)"]],
  ["Foyer d'accueil médicalisé", ['437', "Foyer d'Accueil Médicalisé pour Adultes Handicapés (F.A.M.)"]],
  ['Centre d’hébergement et de réinsertion', CATEGORIES.social],
  ['Lits halte soins santé', ['180', 'Lits Halte Soins Santé (L.H.S.S.)']],
]
const DEPARTMENTS: readonly (readonly [code: string, name: string, communes: readonly string[]])[] = [
  ['44', 'LOIRE ATLANTIQUE', ['44000 NANTES', '44600 SAINT NAZAIRE', '44110 CHATEAUBRIANT', '44190 CLISSON']],
  ['49', 'MAINE ET LOIRE', ['49000 ANGERS', '49300 CHOLET', '49400 SAUMUR', '49500 SEGRE EN ANJOU BLEU']],
  ['53', 'MAYENNE', ['53000 LAVAL', '53100 MAYENNE', '53200 CHATEAU GONTIER', '53600 EVRON']],
  ['72', 'SARTHE', ['72000 LE MANS', '72200 LA FLECHE', '72400 LA FERTE BERNARD', '72300 SABLE SUR SARTHE']],
  ['85', 'VENDEE', ['85000 LA ROCHE SUR YON', '85300 CHALLANS', '85200 FONTENAY LE COMTE', '85500 LES HERBIERS']],
]
const NAMES = ['des Tilleuls', 'du Bocage', 'de la Rivière', 'des Genêts', 'du Moulin', 'des Quatre-Vents', 'du Verger']
/** Managing bodies of a department. */
const BODIES = ['Association Bocage et Vie', 'Fondation des Deux-Rives'] as const
/** Number of the first structure that region.yaml has not. */
const FIRST = 5_000

/** What the demonstration puts in. */
export interface DemoRegister {
  readonly name: string
  readonly text: string
  /** Files of what the region knows: GHT and managing bodies, contacts, software. */
  readonly facts: readonly string[]
}

/** The register around these establishments, the same each time. */
export function demoRegister(
  { establishments }: Pick<Config, 'establishments'>,
  { sections }: StructureProfile,
): DemoRegister {
  const writing = new Writing(sections)
  const known = [...establishments.values()].filter(({ finess }) => finess.ej !== null)
  for (const one of known) writing.known(one)
  for (const department of DEPARTMENTS) {
    for (const [i, body] of BODIES.entries()) writing.managed(department, body, i)
  }
  return writing.register()
}

class Writing {
  readonly #sections: StructureProfile['sections']
  readonly #entities: string[] = []
  readonly #places: string[] = []
  readonly #own: string[] = ['finess;ght;body']
  readonly #contacts: string[] = ['finess;role;name;phone;mail']
  readonly #software: string[] = ['finess;product;editor;version;since']
  #number = FIRST

  constructor(sections: StructureProfile['sections']) {
    this.#sections = sections
  }

  /** An establishment of the region: its legal entity, and a place or, of a hospital, three. */
  known({ id, name, kind, finess }: Establishment): void {
    const ej = finess.ej ?? ''
    const department = DEPARTMENTS.find(([code]) => ej.startsWith(code)) ?? DEPARTMENTS[0]!
    this.#entity(ej, name, department, 0)
    const isHospital = kind === 'hospital' || kind === 'university-hospital'
    this.#place(ej, `${name} – site principal (fictif)`, CATEGORIES[kind], department, 0)
    if (isHospital) {
      this.#place(ej, `${name} – EHPAD rattaché (fictif)`, HOME, department, 1)
      this.#place(ej, `${name} – soins de longue durée (fictif)`, LONG_STAY, department, 2)
      this.#own.push(`${ej};GHT ${department[1]} (fictif);`)
      this.#software.push(`${ej};DPI Exemple;Éditeur Exemple;4.2;2024-03-01`, `${ej};GAM Exemple;Éditeur Exemple;11;`)
    }
    const phone = `0261910${String(this.#contacts.length).padStart(3, '0')}`
    this.#contacts.push(
      `${ej};it;Direction du système d’information (fictive);${phone};dsi@${id}.test`,
      `${ej};interoperability;Cellule interopérabilité (fictive);;interop@${id}.test`,
    )
  }

  /** A managing body of a department, with a place of each kind. */
  managed(department: (typeof DEPARTMENTS)[number], body: string, which: number): void {
    const ej = this.#next(department[0])
    const name = `${body} ${department[0]} (fictif)`
    this.#entity(ej, name, department, which)
    this.#own.push(`${ej};;${body} (fictif)`)
    PLACES.forEach(([kind, category], i) => {
      if ((i + which) % 2 === 0 || i < 2) {
        const called = NAMES[(i * 3 + which + this.#number) % NAMES.length]!
        this.#place(ej, `${kind} ${called} (fictif)`, category, department, i)
      }
    })
  }

  register(): DemoRegister {
    return {
      name: 'demo-finess.csv',
      text: `${[...this.#places, ...this.#entities].join('\n')}\n`,
      facts: [this.#own, this.#contacts, this.#software].map((lines) => `${lines.join('\n')}\n`),
    }
  }

  #entity(finess: string, name: string, [code, title, communes]: (typeof DEPARTMENTS)[number], at: number): void {
    const where = { departement: code, libdepartement: title, ligneacheminement: communes[at % communes.length]! }
    this.#entities.push(this.#line('structureej', { nofiness: finess, rs: name, rslongue: name, ...where }))
  }

  #place(
    ej: string,
    name: string,
    [category, words]: Category,
    [code, title, communes]: (typeof DEPARTMENTS)[number],
    at: number,
  ): void {
    this.#places.push(
      this.#line('structureet', {
        ...{ nofinesset: this.#next(code), nofinessej: ej, rs: name.slice(0, 38), rslongue: name },
        ...{ numvoie: String(at + 1), typvoie: 'R', voie: "DE L'EXEMPLE", departement: code, libdepartement: title },
        ...{ ligneacheminement: communes[at % communes.length]!, categetab: category, libcategetab: words },
      }),
    )
  }

  #line(section: string, cells: Readonly<Record<string, string>>): string {
    const columns = this.#sections[section]?.columns ?? []
    return columns.map((name, i) => (i === 0 ? section : (cells[name] ?? ''))).join(';')
  }

  /** An invented number: 99 behind the department, and its key. */
  #next(department: string): string {
    const eight = `${department}99${String((this.#number += 1))}`
    return Array.from({ length: 10 }, (_, key) => `${eight}${key}`).find(luhnHolds) ?? ''
  }
}
