/** What a Patient resource that stands alone says anew of an identity. */
import type { Act } from '../../core/cases.ts'
import { resourcesOf } from '../fhir/bundle.ts'
import { statusesOf } from '../fhir/identity-reliability.ts'
import { type JsonObject, text } from '../fhir/json-value.ts'
import { follow, literalOf, replacedBy } from './fhir-links.ts'
import { idOf, patientOf, personOf } from './fhir-people.ts'
import { unmarked } from './hl7-patient.ts'
import { type CaseFacts, type CaseRead, NO_CHANGE, NOTHING_READ, patientKeys } from './reading.ts'

/**
 * What a Patient tells of whom the site knows by its id or a number of its own, as an A31 does. Without identityReliability
 * nothing is told of the status, nor of an INS. One that was merged into another (`link` replaced-by) tells as an A40 that its
 * numbers are that patient's from now on; any other that is no longer in use (`active` false) tells nothing. */
export function patientTold(root: JsonObject, facts: CaseFacts): CaseRead {
  const into = replacedBy(root)
  if (into !== null) return mergeTold(root, into, root, facts)
  const { patient, marked } = personOf(root)
  const own = [...marked.filter(({ ins }) => !ins), ...selfOf(root)]
  if (root['active'] === false || own.length === 0) return NOTHING_READ
  const isTold = statusesOf(root).length > 0
  const { family, given, birthDate, sex, status } = patient
  const keysCome = patientKeys(marked, facts)
  const change: Act = {
    what: 'identity',
    change: {
      ...NO_CHANGE,
      site: facts.site,
      of: patientKeys(own, facts),
      comes: marked.map(unmarked),
      keysCome,
      withoutIns: isTold,
      traits: family === '' ? null : { family, given, birthDate, sex },
      status: isTold ? status : null,
    },
  }
  return { ...NOTHING_READ, patient, acts: [change], keys: [...new Set([...patientKeys(own, facts), ...keysCome])] }
}

/** The merges that the Patients of a Bundle tell, and the keys of whom they are about. */
export function mergesTold(root: JsonObject, facts: CaseFacts): Pick<CaseRead, 'acts' | 'keys'> {
  const merges = resourcesOf(root).flatMap((one) => {
    const into = one['resourceType'] === 'Patient' ? replacedBy(one) : null
    return into === null ? [] : [mergeTold(one, into, root, facts)]
  })
  return { acts: merges.flatMap(({ acts }) => acts), keys: merges.flatMap(({ keys }) => keys) }
}

/** The merge of one Patient: who goes on is known by the Bundle, by what is kept of them, or by the reference alone. */
function mergeTold(gone: JsonObject, into: JsonObject, root: JsonObject, facts: CaseFacts): CaseRead {
  const linked = { root, kept: facts.kept }
  const found = follow(into, gone, linked)
  const survivor = patientOf({ ...gone, subject: into }, linked, facts)
  const numbers = [...personOf(gone).marked.filter(({ ins }) => !ins), ...selfOf(gone)]
  if (survivor === null || numbers.length === 0) return NOTHING_READ
  const { patient } = survivor
  const literal = literalOf(into)
  const kept = literal === null ? [] : patientKeys([idOf(literal.slice('Patient/'.length))], facts)
  const keysCome = [...new Set([...survivor.keys, ...kept])]
  const of = [...patientKeys(numbers, facts), ...keysCome.filter((key) => !key.startsWith('INS:'))]
  const isTold = found !== null && statusesOf(found).length > 0
  const { family, given, birthDate, sex, status } = patient
  const act: Act = {
    what: 'identity',
    change: {
      ...NO_CHANGE,
      ...{ site: facts.site, of, comes: patient.identifiers, keysCome, withoutIns: isTold },
      traits: found === null || family === '' ? null : { family, given, birthDate, sex },
      status: isTold ? status : null,
    },
  }
  // As a merge in HL7 v2 it names nobody: it says who is whom.
  return { ...NOTHING_READ, acts: [act], keys: [...new Set([...of, ...keysCome])] }
}

function selfOf(root: JsonObject) {
  const id = text(root['id'])
  return id === null ? [] : [idOf(id)]
}
