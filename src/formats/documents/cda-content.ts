/** What a mail needs of a CDA beyond its header: who wrote and signed it, when the act was, and the PDF inside. */
import { CDA_NAMESPACE, type CdaCode, type CdaHeader, type CdaId, HeaderListener } from '../cda/header.ts'
import type { XmlAttribute } from '../cda/namespaces.ts'
import { type CdaFault, CdaReader } from '../cda/read.ts'

/** Somebody who wrote or signed; texts are '' where the document says nothing. */
export interface CdaActor {
  readonly ids: readonly CdaId[]
  readonly family: string
  readonly given: string
  readonly profession: string
  readonly role: string
  /** Name of a device that wrote it. */
  readonly device: string
  readonly structureId: CdaId | null
  readonly structureName: string
}

/** A document that was read. `fault`: why not to its end. */
export interface CdaContent {
  readonly fault: CdaFault | null
  readonly header: CdaHeader
  readonly authors: readonly CdaActor[]
  readonly legalAuthenticator: CdaActor | null
  /** Of the act (serviceEvent), as written. */
  readonly serviceStart: string
  readonly serviceStop: string
  readonly facility: CdaCode | null
  readonly practice: CdaCode | null
  /** The PDF that a document of level 1 is made of. */
  readonly pdf: Buffer | null
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }
type Actor = Omit<Writable<CdaActor>, 'ids'> & { ids: CdaId[] }
type Draft = Omit<Writable<CdaContent>, 'fault' | 'header' | 'authors' | 'legalAuthenticator' | 'pdf'> & {
  authors: Actor[]
  legalAuthenticator: Actor | null
  base64: string[]
}
type Get = (name: string) => string
type Found = (draft: Draft, get: Get) => ((text: string) => void) | undefined

const MOST_ACTORS = 32
const MOST_TEXT = 512
const MAX_DEPTH = 9
/** Characters of a PDF in base64. */
const MOST_BASE64 = 128 * 1024 * 1024
/** Bytes read between two stops: some five milliseconds. */
const SLICE = 262_144
const PDF = '%PDF'

const newActor = (): Actor => ({
  ids: [],
  family: '',
  given: '',
  profession: '',
  role: '',
  device: '',
  structureId: null,
  structureName: '',
})

const idOf = (get: Get): CdaId | null =>
  get('root') === '' ? null : { root: get('root'), extension: get('extension') }
const codeOf = (get: Get): CdaCode | null =>
  get('code') === '' ? null : { code: get('code'), codeSystem: get('codeSystem'), displayName: get('displayName') }

/** What is taken of an author or signer, by its path below `assigned…`. */
function actorPaths(base: string, of: (draft: Draft) => Actor | null | undefined): [path: string, found: Found][] {
  const writes =
    (key: 'family' | 'given' | 'device' | 'structureName'): Found =>
    (draft) => {
      const one = of(draft)
      // The first name counts: a second given name stands in an element of its own.
      if (one === null || one === undefined || one[key] !== '') return undefined
      return (text) => void (one[key] = `${one[key]}${text}`.replace(/\s+/g, ' ').trimStart().slice(0, MOST_TEXT))
    }
  const does =
    (change: (one: Actor, get: Get) => void): Found =>
    (draft, get) => {
      const one = of(draft)
      if (one !== null && one !== undefined) change(one, get)
      return undefined
    }
  return [
    [
      `${base}/id`,
      does((one, get) => void (one.ids.length < MOST_ACTORS && idOf(get) !== null && one.ids.push(idOf(get)!))),
    ],
    [`${base}/code`, does((one, get) => void (one.profession ||= get('displayName')))],
    [`${base}/assignedPerson/name/family`, writes('family')],
    [`${base}/assignedPerson/name/given`, writes('given')],
    [`${base}/assignedAuthoringDevice/softwareName`, writes('device')],
    [`${base}/representedOrganization/id`, does((one, get) => void (one.structureId ??= idOf(get)))],
    [`${base}/representedOrganization/name`, writes('structureName')],
  ]
}

const ACT = 'documentationOf/serviceEvent'
const SIGNER = 'legalAuthenticator'
const author = (draft: Draft): Actor | undefined => draft.authors.at(-1)
const PATHS: ReadonlyMap<string, Found> = new Map<string, Found>([
  ['author', (draft) => void (draft.authors.length < MOST_ACTORS && draft.authors.push(newActor()))],
  [
    'author/functionCode',
    (draft, get) => {
      const one = author(draft)
      if (one !== undefined) one.role ||= get('displayName')
      return undefined
    },
  ],
  ...actorPaths('author/assignedAuthor', author),
  [SIGNER, (draft) => void (draft.legalAuthenticator ??= newActor())],
  ...actorPaths(`${SIGNER}/assignedEntity`, (draft) => draft.legalAuthenticator),
  [`${ACT}/effectiveTime`, (draft, get) => void (draft.serviceStart ||= get('value'))],
  [`${ACT}/effectiveTime/low`, (draft, get) => void (draft.serviceStart ||= get('value'))],
  [`${ACT}/effectiveTime/high`, (draft, get) => void (draft.serviceStop ||= get('value'))],
  [
    `${ACT}/performer/assignedEntity/representedOrganization/standardIndustryClassCode`,
    (draft, get) => void (draft.practice ??= codeOf(get)),
  ],
  [
    'componentOf/encompassingEncounter/location/healthCareFacility/code',
    (draft, get) => void (draft.facility ??= codeOf(get)),
  ],
  ['component/nonXMLBody/text', (draft, get) => pdfText(draft, get)],
])

function pdfText(draft: Draft, get: Get): ((text: string) => void) | undefined {
  const isPdf = get('mediaType').toLowerCase() === 'application/pdf' && get('representation') === 'B64'
  if (!isPdf || draft.base64.length > 0) return undefined
  let left = MOST_BASE64
  return (text) => {
    left -= text.length
    if (left >= 0) draft.base64.push(text)
    // Half a PDF is none.
    else draft.base64.length = 0
  }
}

/** Hears what the header's listener hears, and the parts above. */
class ContentListener extends HeaderListener {
  readonly draft: Draft = {
    authors: [],
    legalAuthenticator: null,
    serviceStart: '',
    serviceStop: '',
    facility: null,
    practice: null,
    base64: [],
  }
  readonly #paths: string[] = []
  #write: ((text: string) => void) | undefined

  override open(namespace: string, name: string, attributes: readonly XmlAttribute[], depth: number): boolean {
    const wanted = super.open(namespace, name, attributes, depth)
    this.#write = undefined
    const parent = depth <= 2 ? '' : this.#paths[depth - 1]
    if (depth === 1 || depth > MAX_DEPTH || parent === undefined) return wanted
    const local = namespace === CDA_NAMESPACE ? name : '?'
    const path = depth === 2 ? local : `${parent}/${local}`
    this.#paths[depth] = path
    const get: Get = (key) =>
      attributes
        .find((one) => one.name === key)
        ?.value.trim()
        .slice(0, MOST_TEXT) ?? ''
    this.#write = PATHS.get(path)?.(this.draft, get)
    return wanted || this.#write !== undefined
  }

  override text(piece: string): void {
    super.text(piece)
    this.#write?.(piece)
  }

  override close(): void {
    super.close()
    this.#write = undefined
  }
}

/** Reads a CDA, and stops after each slice of work. Any bytes may come; never throws. */
export function* cdaContentSteps(bytes: Buffer): Generator<undefined, CdaContent> {
  const listener = new ContentListener()
  const reader = new CdaReader(bytes, 'xml', {}, listener)
  while (!reader.run(SLICE)) yield
  const { fault, header } = reader.reading()
  const { base64, ...draft } = listener.draft
  return { ...draft, fault, header, pdf: fault === null ? pdfOf(base64) : null }
}

function pdfOf(pieces: readonly string[]): Buffer | null {
  if (pieces.length === 0) return null
  const bytes = Buffer.from(pieces.join('').replace(/\s+/g, ''), 'base64')
  return bytes.toString('latin1', 0, PDF.length) === PDF ? bytes : null
}
