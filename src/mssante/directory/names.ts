import type { DirectoryFacts } from '../../core/directory.ts'

/** The name that people see: title, given and family name and where, or the organisation and its service; else the address. */
export function shownName({ title, given, family, organisation, service, address }: DirectoryFacts): string {
  const person = [title, given, family].filter((part) => part !== null).join(' ')
  const place = [organisation, service].filter((part) => part !== null && part !== '').join(' – ')
  if (person === '') return place === '' ? address : place
  return place === '' ? person : `${person}, ${place}`
}

/** Title, given and family name of a personal mailbox's name, `Title_Given_FAMILY_Entity`; nulls where it is none. */
export function namesOf(name: string): Pick<DirectoryFacts, 'title' | 'given' | 'family'> {
  const [title = '', given = '', family = '', entity] = name.split('_')
  const told = (text: string): string | null => (text.trim() === '' || entity === undefined ? null : text.trim())
  return { title: told(title), given: told(given), family: told(family) }
}
