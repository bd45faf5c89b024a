import type { Framework, Judging, Level, Requirement } from '../../src/core/conformity.ts'

/** A requirement that says nothing but how it is judged. */
export function requirementOf(id: string, judging: Judging, level: Level = 'mandatory'): Requirement {
  return {
    ...{ id, level, judging, confirm: false, appliesTo: null },
    text: { fr: id, en: id },
    next: { fr: `Corriger ${id}`, en: `Mend ${id}` },
    source: { document: 'Essai', clause: null },
  }
}

/** A framework of one domain, for hospitals. */
export function frameworkOf(requirements: readonly Requirement[], version = '1'): Framework {
  return {
    ...{ id: 'trial', version, publisher: 'Essai', status: 'final', source: '', confirm: false },
    name: { fr: 'Essai', en: 'Trial' },
    ...{ validFrom: '2020-01-01', validTo: null, appliesTo: ['hospital'] },
    domains: [{ id: 'all', name: { fr: 'Tout', en: 'All' }, requirements }],
  }
}
