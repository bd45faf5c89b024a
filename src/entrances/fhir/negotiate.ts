/** What a FHIR request says in its headers and its query about formats (FHIR R4 http.html §3.1.0.1). Pure. */
import type { FhirAsk } from '../../core/fhir.ts'

/** The media type of what is answered. */
export const FHIR_JSON = 'application/fhir+json; charset=utf-8'
const JSON_TYPES: readonly string[] = ['application/fhir+json', 'application/json']

/** Is it one of the names of FHIR's JSON form, without parameters? */
export function isFhirJson(mediaType: string): boolean {
  return JSON_TYPES.includes(mediaType)
}

/** May the answer be JSON of FHIR 4.0? `_format` is asked before `Accept`; nothing asked is yes. */
export function takesJson(accept: string | undefined, format: string | null): boolean {
  // In a query, the + of a media type is often left as it is, and means a space.
  if (format !== null) return format === 'json' || ranges(format.replaceAll(' ', '+')).some(isJson)
  return accept === undefined || accept.trim() === '' || ranges(accept).some(isJson)
}

function ranges(header: string): string[] {
  return header.slice(0, 1_024).toLowerCase().split(',')
}

function isJson(range: string): boolean {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
  const value = (name: string) =>
    parameters
      .find((one) => one.startsWith(`${name}=`))
      ?.slice(name.length + 1)
      .replaceAll('"', '')
  const version = value('fhirversion') ?? '4.0'
  const quality = Number(value('q') ?? '1')
  return quality > 0 && version === '4.0' && (isFhirJson(type) || type === '*/*' || type === 'application/*')
}

/** What `Prefer: return=` asks to be answered (RFC 7240 §4.2); the whole resource when it asks nothing we know. */
export function preferOf(header: string | undefined): Pick<FhirAsk, 'prefer' | 'preferred'> {
  const asked = /(?:^|[,;\s])return\s*=\s*"?(minimal|representation|OperationOutcome)"?/.exec(header ?? '')?.[1]
  if (asked === undefined) return { prefer: 'representation', preferred: false }
  return { prefer: asked as FhirAsk['prefer'] }
}

/** JSON text laid out for people: two spaces a level. Numbers and strings stay as they are written. */
export function pretty(json: string): string {
  const tokens = /"|[{[]\s*[}\]]|[{}[\],:]|[^\s{}[\],:"]+/g
  let text = ''
  let depth = 0
  const line = (): string => `\n${'  '.repeat(depth)}`
  for (let found = tokens.exec(json); found !== null; found = tokens.exec(json)) {
    const [token] = found
    if (token === '"') {
      tokens.lastIndex = endOfString(json, found.index + 1)
      text += json.slice(found.index, tokens.lastIndex)
    } else if (token === '{' || token === '[') {
      depth++
      text += token + line()
    } else if (token === '}' || token === ']') {
      depth--
      text += line() + token
    } else if (token === ',') text += token + line()
    else text += token === ':' ? ': ' : token
  }
  return text
}

/** Behind the quote that ends a string. An expression over the whole string runs out of stack at some 8 million characters. */
function endOfString(json: string, start: number): number {
  for (let at = json.indexOf('"', start); at >= 0; at = json.indexOf('"', at + 1)) {
    let first = at
    while (first > start && json[first - 1] === '\\') first--
    if ((at - first) % 2 === 0) return at + 1
  }
  return json.length
}
