/** The header of a CDA R2 in words (HL7 CDA R2 §4.2; CI-SIS, structuration minimale). */
import type { XmlAttribute } from './namespaces.ts'
import type { XmlListener } from './xml.ts'

/** An identifier (II): `root` is an OID or a UUID; without `extension` it identifies by itself. */
export interface CdaId {
  readonly root: string
  readonly extension: string
}

/** A coded value, '' where the document says nothing. */
export interface CdaCode {
  readonly code: string
  readonly codeSystem: string
  readonly displayName: string
}

/** A patient as the document names one. Strings are '' where it says nothing. */
export interface CdaPatient {
  readonly ids: readonly CdaId[]
  /** Family names with their qualifier: BR birth, SP or CL used, '' unsaid. */
  readonly families: readonly { readonly qualifier: string; readonly name: string }[]
  readonly givens: readonly { readonly qualifier: string; readonly name: string }[]
  /** M, F or UN. */
  readonly sex: string
  /** As written: `19540312` or longer. */
  readonly birthTime: string
  /** COG of the place of birth, where the address of birth gives one. */
  readonly birthPlace: string
}

/** Another document that this one refers to: RPLC replaces it, APND adds to it, XFRM was made from it. */
export interface CdaRelated {
  readonly type: string
  readonly ids: readonly CdaId[]
  readonly setId: CdaId | null
  readonly versionNumber: string
}

/** What the header says. Lists hold at most 32, texts at most 512 characters; title and patient never go into a log. */
export interface CdaHeader {
  readonly typeId: CdaId | null
  readonly templateIds: readonly CdaId[]
  readonly id: CdaId | null
  readonly code: CdaCode | null
  readonly title: string
  readonly effectiveTime: string
  readonly confidentiality: CdaCode | null
  readonly language: string
  readonly setId: CdaId | null
  readonly versionNumber: string
  readonly patients: readonly CdaPatient[]
  readonly authors: readonly CdaId[]
  readonly custodian: CdaId | null
  readonly legalAuthenticator: CdaId | null
  readonly encounter: { readonly ids: readonly CdaId[]; readonly code: CdaCode | null } | null
  readonly related: readonly CdaRelated[]
  /** '' where the document ended before its body. */
  readonly body: 'structuredBody' | 'nonXMLBody' | ''
}

/** Namespace of CDA R2. */
export const CDA_NAMESPACE = 'urn:hl7-org:v3'
const MAX_LIST = 32
const MAX_TEXT = 512
/** Deepest element of the header that is read: birthplace/place/addr/county. */
const MAX_DEPTH = 8

type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] }
interface Named {
  qualifier: string
  name: string
}
type WritablePatient = Omit<Writable<CdaPatient>, 'families' | 'givens'> & { families: Named[]; givens: Named[] }
interface Draft extends Omit<Writable<CdaHeader>, 'patients' | 'encounter' | 'related'> {
  patients: WritablePatient[]
  encounter: { ids: CdaId[]; code: CdaCode | null } | null
  related: Writable<CdaRelated>[]
}

const empty = (): Draft => ({
  typeId: null,
  templateIds: [],
  id: null,
  code: null,
  title: '',
  effectiveTime: '',
  confidentiality: null,
  language: '',
  setId: null,
  versionNumber: '',
  patients: [],
  authors: [],
  custodian: null,
  legalAuthenticator: null,
  encounter: null,
  related: [],
  body: '',
})

/** Takes what an element says; gives what is to be done with its text, if anything. */
type Found = (draft: Draft, attributes: Attributes) => ((text: string) => void) | undefined

/** Attributes by name, '' for one that is not there, cut to what is kept. */
class Attributes {
  readonly #attributes: readonly XmlAttribute[]
  constructor(attributes: readonly XmlAttribute[]) {
    this.#attributes = attributes
  }
  get(name: string): string {
    return (
      this.#attributes
        .find((one) => one.name === name)
        ?.value.trim()
        .slice(0, MAX_TEXT) ?? ''
    )
  }
  get id(): CdaId | null {
    const root = this.get('root')
    return root === '' ? null : { root, extension: this.get('extension') }
  }
  get code(): CdaCode {
    return { code: this.get('code'), codeSystem: this.get('codeSystem'), displayName: this.get('displayName') }
  }
}

function add<T>(list: T[], one: T | null): T | null {
  if (one === null || list.length >= MAX_LIST) return null
  list.push(one)
  return one
}

/** Adds a name to the list; its text follows. */
function addName(list: Named[] | undefined, attributes: Attributes): ((text: string) => void) | undefined {
  const named = list === undefined ? null : add(list, { qualifier: attributes.get('qualifier'), name: '' })
  return named === null ? undefined : (text) => void (named.name = joined(named.name, text))
}

function joined(before: string, text: string): string {
  return `${before}${text}`.replace(/\s+/g, ' ').trimStart().slice(0, MAX_TEXT)
}

const patient = (draft: Draft): WritablePatient | undefined => draft.patients.at(-1)
const RELATED = 'relatedDocument/parentDocument'
const PATIENT = 'recordTarget/patientRole'
const PERSON = `${PATIENT}/patient`

/** What is taken from which element, by its path below the root. */
const TAKEN: Readonly<Record<string, Found>> = {
  typeId: (draft, a) => void (draft.typeId ??= a.id),
  templateId: (draft, a) => void add(draft.templateIds, a.id),
  id: (draft, a) => void (draft.id ??= a.id),
  code: (draft, a) => void (draft.code ??= a.code),
  title: (draft) => (text) => void (draft.title = joined(draft.title, text)),
  effectiveTime: (draft, a) => void (draft.effectiveTime ||= a.get('value')),
  confidentialityCode: (draft, a) => void (draft.confidentiality ??= a.code),
  languageCode: (draft, a) => void (draft.language ||= a.get('code')),
  setId: (draft, a) => void (draft.setId ??= a.id),
  versionNumber: (draft, a) => void (draft.versionNumber ||= a.get('value')),
  recordTarget: (draft) =>
    void add(draft.patients, { ids: [], families: [], givens: [], sex: '', birthTime: '', birthPlace: '' }),
  [`${PATIENT}/id`]: (draft, a) => void add(patient(draft)?.ids ?? [], a.id),
  [`${PERSON}/name/family`]: (draft, a) => addName(patient(draft)?.families, a),
  [`${PERSON}/name/given`]: (draft, a) => addName(patient(draft)?.givens, a),
  [`${PERSON}/administrativeGenderCode`]: (draft, a) => {
    const one = patient(draft)
    if (one !== undefined) one.sex ||= a.get('code')
  },
  [`${PERSON}/birthTime`]: (draft, a) => {
    const one = patient(draft)
    if (one !== undefined) one.birthTime ||= a.get('value')
  },
  [`${PERSON}/birthplace/place/addr/county`]: (draft) => (text) => {
    const one = patient(draft)
    if (one !== undefined) one.birthPlace = joined(one.birthPlace, text)
  },
  'author/assignedAuthor/id': (draft, a) => void add(draft.authors, a.id),
  'custodian/assignedCustodian/representedCustodianOrganization/id': (draft, a) => void (draft.custodian ??= a.id),
  'legalAuthenticator/assignedEntity/id': (draft, a) => void (draft.legalAuthenticator ??= a.id),
  'componentOf/encompassingEncounter': (draft) => void (draft.encounter ??= { ids: [], code: null }),
  'componentOf/encompassingEncounter/id': (draft, a) => void add(draft.encounter?.ids ?? [], a.id),
  'componentOf/encompassingEncounter/code': (draft, a) => {
    if (draft.encounter !== null) draft.encounter.code ??= a.code
  },
  relatedDocument: (draft, a) =>
    void add(draft.related, { type: a.get('typeCode'), ids: [], setId: null, versionNumber: '' }),
  [`${RELATED}/id`]: (draft, a) => void add(draft.related.at(-1)?.ids ?? [], a.id),
  [`${RELATED}/setId`]: (draft, a) => {
    const last = draft.related.at(-1)
    if (last !== undefined) last.setId ??= a.id
  },
  [`${RELATED}/versionNumber`]: (draft, a) => {
    const last = draft.related.at(-1)
    if (last !== undefined) last.versionNumber ||= a.get('value')
  },
  'component/structuredBody': (draft) => void (draft.body = 'structuredBody'),
  'component/nonXMLBody': (draft) => void (draft.body = 'nonXMLBody'),
}
const PATHS = new Map(Object.entries(TAKEN))

/** Takes from a document what its header says; what follows the header is passed over. */
export class HeaderListener implements XmlListener {
  /** Is the root a ClinicalDocument? Null before there is one. */
  isClinical: boolean | null = null
  readonly #draft = empty()
  /** Path of each element on the way, '' where nothing below it is taken. */
  readonly #paths: string[] = []
  #write: ((text: string) => void) | undefined

  get header(): CdaHeader {
    return this.#draft
  }

  open(namespace: string, name: string, attributes: readonly XmlAttribute[], depth: number): boolean {
    this.#write = undefined
    if (depth === 1) {
      this.isClinical = namespace === CDA_NAMESPACE && name === 'ClinicalDocument'
      return false
    }
    if (depth > MAX_DEPTH || !this.isClinical || this.#draft.body !== '') return false
    const parent = depth === 2 ? '' : this.#paths[depth - 1]
    if (parent === undefined) return false
    // A foreign element is none of CDA's own, whatever it is called.
    const local = namespace === CDA_NAMESPACE ? name : '?'
    const path = depth === 2 ? local : `${parent}/${local}`
    this.#paths[depth] = path
    this.#write = PATHS.get(path)?.(this.#draft, new Attributes(attributes))
    return this.#write !== undefined
  }

  text(piece: string): void {
    this.#write?.(piece)
  }

  close(): void {
    this.#write = undefined
  }
}
