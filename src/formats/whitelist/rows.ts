/** The content of a list, taken from the very events that its digest is made of. */
import { ListStop } from './fault.ts'
import { LIST_NAMESPACE, type ListBudget, type ListRow } from './list.ts'

const FIELDS = {
  Nom: 'domain',
  Description: 'description',
  DNCertificatOperateur: 'subject',
  ResponsableContact: 'responsible',
  SupportContact: 'support',
  DateMAJ: 'changed',
} as const satisfies Readonly<Record<string, keyof ListRow>>
type Draft = { -readonly [Key in keyof ListRow]: string }
const ROW = 'ListeBlancheMSSante/ListeDomaines/Domaine'
/** Words of the list that have one place; anywhere else they are a list hidden in a list. */
const PLACES: Readonly<Record<string, string>> = {
  ListeBlancheMSSante: 'ListeBlancheMSSante',
  DateDeGeneration: 'ListeBlancheMSSante/DateDeGeneration',
  ListeDomaines: 'ListeBlancheMSSante/ListeDomaines',
  Domaine: ROW,
}

/** Follows the elements of a list outside of its signature. */
export class ListContent {
  readonly #budget: ListBudget
  readonly #path: string[] = []
  readonly rows: ListRow[] = []
  #draft: Draft | null = null
  /** The field that is being read, and those that the row has had. */
  #field: keyof ListRow | 'date' | null = null
  #had = new Set<string>()
  #text = ''
  #date: string | null = null
  #listed = false

  constructor(budget: ListBudget) {
    this.#budget = budget
  }

  /** An element begins. @throws {ListStop} where it is not in the form of a list */
  open(namespace: string, name: string): void {
    const path = this.#path.length === 0 ? name : `${this.#path.join('/')}/${name}`
    if (this.#path.length === 0 && (namespace !== LIST_NAMESPACE || name !== 'ListeBlancheMSSante')) form('root')
    // A word of the list under another namespace, or at another place, could be read as the list by others.
    if (Object.hasOwn(PLACES, name) && (PLACES[name] !== path || namespace !== LIST_NAMESPACE)) form('wrapped')
    this.#path.push(name)
    if (path === ROW) this.#beginRow()
    else if (this.#draft !== null && this.#path.length === 4) this.#beginField(namespace, name)
    else if (name === 'DateDeGeneration') this.#beginDate()
    else if (name === 'ListeDomaines') {
      if (this.#listed) form('two-lists')
      this.#listed = true
    }
  }

  #beginRow(): void {
    if (this.rows.length >= this.#budget.maxRows) form('rows')
    this.#draft = { domain: '', description: '', subject: '', responsible: '', support: '', changed: '' }
    this.#had = new Set()
  }

  #beginField(namespace: string, name: string): void {
    if (!Object.hasOwn(FIELDS, name)) return
    if (namespace !== LIST_NAMESPACE || this.#had.has(name)) form('field')
    this.#had.add(name)
    this.#field = FIELDS[name as keyof typeof FIELDS]
    this.#text = ''
  }

  #beginDate(): void {
    if (this.#date !== null) form('date')
    this.#field = 'date'
    this.#text = ''
  }

  text(piece: string): void {
    if (this.#field === null) return
    this.#text += piece
    if (this.#text.length > this.#budget.maxField) form('field')
  }

  /** The element that was opened last ends. */
  close(): void {
    const depth = this.#path.length
    this.#path.pop()
    if (this.#field === 'date' && depth === 2) {
      this.#date = this.#text.trim()
      this.#field = null
    } else if (this.#draft !== null && depth === 4 && this.#field !== null) {
      this.#draft[this.#field as keyof ListRow] = this.#text.trim()
      this.#field = null
    } else if (this.#draft !== null && depth === 3) {
      this.rows.push(this.#draft)
      this.#draft = null
    }
  }

  /** DateDeGeneration, ms since 1970, once the document has ended. @throws {ListStop} where it is none, or no list came */
  generatedAtMs(): number {
    if (!this.#listed) form('no-list')
    const date = this.#date ?? ''
    const atMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(date)
      ? Date.parse(date)
      : Number.NaN
    if (Number.isNaN(atMs)) form('date')
    return atMs
  }
}

function form(at: 'root' | 'wrapped' | 'date' | 'two-lists' | 'no-list' | 'rows' | 'field'): never {
  throw new ListStop('WHITELIST_FORM', at)
}
