import { keyed, type Piece, texts } from './piece.ts'

const CANONICAL: Piece = {
  type: 'string',
  pattern: '^[A-Za-z][A-Za-z0-9+.-]*:[^\\s|]+$',
  maxLength: 500,
  what: 'the canonical of a profile, without a version',
}

/** What a region asks of FHIR resources. */
export const fhirPiece: Piece = {
  ...keyed('What is asked of FHIR resources beside the profiles that they claim themselves (meta.profile).', {
    profiles: {
      type: 'object',
      propertyNames: { type: 'string', pattern: '^[A-Z][A-Za-z]{1,63}$', what: 'a resource type of FHIR R4' },
      additionalProperties: texts('Canonicals.', CANONICAL),
      default: {},
      description:
        'Profiles that every resource of a type must meet, by type (`Patient: [https://…]`); the type itself (http://hl7.org/fhir/StructureDefinition/Patient) asks what R4 does. Absent: resources without meta.profile are only looked at as far as routing needs.',
    },
  }),
  default: {},
}
