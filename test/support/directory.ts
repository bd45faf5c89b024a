/** Extractions of the national directory, invented: mailboxes, people and structures that do not exist. */
import type { DirectoryFile } from '../../src/core/directory.ts'

/** The header of an extraction, as it has been seen. */
export const HEADER: readonly string[] = [
  ...['Type de BAL', 'Adresse BAL', 'Type Identifiant PP', 'Identifiant PP', 'Identification nationale PP'],
  ...['Type identifiant structure', 'Identification Structure', 'Service de rattachement', "Civilité d'exercice"],
  ...["Nom d'exercice", "Prénom d'exercice", 'Catégorie profession', 'Libellé de catégorie profession'],
  ...['Code Profession', 'Libellé Profession', 'Code savoir-faire', 'Libellé savoir-faire', 'Dématérialisation'],
  ...['Raison Sociale structure BAL', 'Enseigne commerciale structure BAL', 'L2COMPLEMENTLOCALISATION structure BAL'],
  ...['L3COMPLEMENTDISTRIBUTION structure BAL', 'L4NUMEROVOIE structure BAL', 'L4COMPLEMENTNUMEROVOIE structure BAL'],
  ...['NL4TYPEVOIE structure BAL', 'L4LIBELLEVOIE structure BAL', 'L5LIEUDITMENTION structure BAL'],
  ...[
    'L6LIGNEACHEMINEMENT structure BAL',
    'Code postal structure BAL',
    'Département structure BAL',
    'Pays structure BAL',
  ],
]

/** A line by the names of its columns; what is not named is empty. */
export function lineOf(cells: Readonly<Record<string, string>>, header: readonly string[] = HEADER): string {
  return header.map((name) => cells[name] ?? '').join('|')
}

/** A personal mailbox at a structure. FINESS 530000371 is invented, with a good key. */
export function person(address: string, more: Readonly<Record<string, string>> = {}): string {
  return lineOf({
    'Type de BAL': 'PER',
    'Adresse BAL': address,
    'Type Identifiant PP': '8',
    'Identifiant PP': '10001234565',
    'Identification nationale PP': '810001234565',
    'Type identifiant structure': '1',
    'Identification Structure': '530000371',
    "Civilité d'exercice": 'DR',
    "Nom d'exercice": 'MARTIN',
    "Prénom d'exercice": 'Anne',
    'Code Profession': '10',
    'Libellé Profession': 'Médecin',
    'Code savoir-faire': 'SM04',
    'Libellé savoir-faire': 'Cardiologie et maladies vasculaires',
    Dématérialisation: 'O',
    'Raison Sociale structure BAL': 'CENTRE HOSPITALIER EXEMPLE',
    'L6LIGNEACHEMINEMENT structure BAL': '53000 LAVAL CEDEX 9',
    'Code postal structure BAL': '53000',
    'Département structure BAL': 'Mayenne',
    ...more,
  })
}

/** A mailbox of a service. */
export function service(address: string, more: Readonly<Record<string, string>> = {}): string {
  return lineOf({
    'Type de BAL': 'ORG',
    'Adresse BAL': address,
    'Type identifiant structure': '1',
    'Identification Structure': '530000371',
    'Service de rattachement': 'Néphrologie',
    'Raison Sociale structure BAL': 'CENTRE HOSPITALIER EXEMPLE',
    'L6LIGNEACHEMINEMENT structure BAL': '53000 LAVAL',
    'Code postal structure BAL': '53000',
    ...more,
  })
}

/** A file of these lines under the header. */
export function extraction(lines: readonly string[], header: string = HEADER.join('|')): Buffer {
  return Buffer.from(`${[header, ...lines].join('\n')}\n`)
}

/** The same as it comes to an import. */
export function fileOf(bytes: Buffer, name = 'Extraction_Correspondance_MSSante_202611260300.txt'): DirectoryFile {
  return { name, bytes: bytes.length, chunks: chunked(bytes, 1_000) }
}

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
