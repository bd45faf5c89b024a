import type { Content, Leaving } from '../../../core/content.ts'
import type { FindingView } from '../../../core/views.ts'
import type { CdaHeader } from '../../../formats/cda/header.ts'
import { documentsIn } from '../../../formats/cda/inside.ts'
import { CdaReader } from '../../../formats/cda/read.ts'
import { parseStrict } from '../../../formats/fhir/json.ts'
import { leavesOf } from '../../../formats/fhir/leaves.ts'
import { decodeText } from '../../../formats/hl7v2/charset.ts'
import { type Hl7Message, readMessage } from '../../../formats/hl7v2/message.ts'
import { nameOf } from '../../../formats/hl7v2/names.ts'
import {
  type Difference,
  differences,
  differencesOf,
  type TreeField,
  type TreeSegment,
  treeOf,
} from '../../../formats/hl7v2/tree.ts'
import { piecesOf } from '../../../formats/hl7v2/visible.ts'
import type { Language } from '../../../formats/http/language.ts'
import { type Html, type HtmlValue, html } from '../html.ts'
import { numberOf } from '../moment.ts'
import { table } from '../table.ts'
import { codeOf } from './pieces.ts'
import { MESSAGE_WORDS, type MessageWords } from './words.ts'

/** Characters of a text that a page shows raw; of a longer value, this many. */
const RAW_CHARACTERS = 200_000
const VALUE_CHARACTERS = 2_000
/** A document's header stands at its beginning (bytes as they stand). */
const HEADER_BYTES = 400_000

/** The content of a message, shown as text and nothing else: raw, by fields, as FHIR, its documents, what leaves, the answer. */
export function contentSection(content: Content, findings: readonly FindingView[], language: Language): Html {
  const words = MESSAGE_WORDS[language]
  const read = content.format === 'hl7v2' ? readMessage(content.bytes, content.charset) : null
  const message = read?.ok ? read.message : null
  const number = (n: number) => numberOf(n, language)
  const parts: readonly (readonly [id: string, title: string, body: HtmlValue])[] = [
    ['raw', words.raw, rawPart(content, message, words)],
    ['tree', words.tree, treePart(content, message, findings, language, words)],
    ['fhir', words.fhir, fhirPart(content, words)],
    ['documents', words.documents, message === null ? words.noDocument : documentPart(message, words)],
    ['changes', words.changes, changesPart(content, message, language, words)],
    [
      'answer',
      words.answerSent,
      content.answer === null ? words.noAnswer : visible(decodeText(content.answer, 'UNICODE UTF-8')),
    ],
  ]
  return html`<section aria-labelledby="content"><h2 id="content">${words.content}</h2>
${content.bytes.length < content.total ? html`<p class="alarm">${words.cut(number(content.bytes.length), number(content.total))}</p>` : null}
<nav class="inside" aria-label="${words.content}"><ul>${parts.map(([id, title]) => html`<li><a href="#c-${id}">${title}</a></li>`)}</ul></nav>
${parts.map(
  ([id, title, body]) => html`<details id="c-${id}" open><summary><h3>${title}</h3></summary>${body}</details>
`,
)}</section>`
}

function textOf({ bytes, format }: Content, message: Hl7Message | null): string {
  return decodeText(bytes, format === 'fhir' ? 'UNICODE UTF-8' : (message?.charset ?? '8859/15'))
}

function rawPart(content: Content, message: Hl7Message | null, words: MessageWords): HtmlValue {
  const text = textOf(content, message).slice(0, RAW_CHARACTERS)
  const escapes = message?.delimiters.escape === 0x5c
  return [html`<p class="quiet">${words.rawHelp}</p>`, visible(text, escapes)]
}

/** Text with every control character and escape sequence made visible. */
function visible(text: string, escapes = false): Html {
  return html`<pre class="raw" tabindex="0">${piecesOf(text, escapes).map(({ what, text: piece, ends }) =>
    what === 'text' ? piece : html`<span class="${what}">${piece}</span>${ends ? '\n' : null}`,
  )}</pre>`
}

function treePart(
  content: Content,
  message: Hl7Message | null,
  findings: readonly FindingView[],
  language: Language,
  words: MessageWords,
): HtmlValue {
  if (content.format === 'fhir') {
    const read = parseStrict(content.bytes)
    if (!read.ok) return words.unreadable
    const rows = [...leavesOf(read.value)].map(([at, value]): HtmlValue[] => [
      at,
      short(value),
      notes(at, findings, language),
    ])
    return table('leaves', words.tree, [{ name: words.place }, { name: words.value }, { name: words.findings }], rows)
  }
  if (message === null) return words.unreadable
  return treeOf(message).map((segment) => segmentTable(segment, findings, language, words))
}

function segmentTable(
  { name, at, fields }: TreeSegment,
  findings: readonly FindingView[],
  language: Language,
  words: MessageWords,
): Html {
  const title = nameOf(name, language)
  const rows = fields.map((field): readonly HtmlValue[] => [
    field.at,
    nameOf(`${name}-${field.n}`, language) ?? words.fieldByPlace(field.at),
    fieldValue(field),
    notes(field.at, findings, language),
  ])
  const columns = [{ name: words.field }, { name: words.name }, { name: words.value }, { name: words.findings }]
  const alone = notes(at, findings, language)
  return html`${table(`s-${at.replace(/[()]/g, '-')}`, title === null ? at : `${at} · ${title}`, columns, rows)}${alone === '' ? null : html`<p>${alone}</p>`}`
}

/** Repetitions below each other; a part that is one of several bears its number. */
function fieldValue({ values }: TreeField): HtmlValue {
  const component = (parts: readonly string[], i: number, all: readonly (readonly string[])[]): HtmlValue =>
    parts.every((part) => part === '')
      ? null
      : [all.length > 1 ? html`<span class="quiet">.${i + 1}</span> ` : null, short(parts.join(' & ')), ' ']
  return values.map((components) => html`<div>${components.map((one, i) => component(one, i, components))}</div>`)
}

function short(text: string): string {
  const shown = piecesOf(text.length > VALUE_CHARACTERS ? `${text.slice(0, VALUE_CHARACTERS)}… (${text.length})` : text)
  return shown.map((piece) => piece.text).join('')
}

/** Findings that speak of this place, or of a part of it. */
function notes(place: string, findings: readonly FindingView[], language: Language): HtmlValue {
  const here = findings.filter(({ at }) => at !== null && speaksOf(at, place))
  return here.length === 0
    ? ''
    : here.map(({ code }) => html`<strong class="alarm note">${codeOf(code, language)}</strong> `)
}

/** `PID-3(2).1` speaks of `PID-3`; `OBX(1)-5` of `OBX-5`; a path of FHIR of what stands below it. */
function speaksOf(at: string, place: string): boolean {
  const same = (text: string) => text.replace(/^([A-Z][A-Z0-9]{2})\(1\)/, '$1')
  const [one, other] = [same(at), same(place)]
  if (one === other) return true
  if (one.startsWith(other)) return /^[(.]/.test(one.slice(other.length)) && other.includes('-')
  const below = one.replace(/^[A-Z][A-Za-z]+\./, '')
  return below !== '' && (other === below || other.startsWith(`${below}.`) || other.startsWith(`${below}[`))
}

function pretty(bytes: Buffer): string {
  const read = parseStrict(bytes)
  return read.ok ? JSON.stringify(read.value, null, 2) : decodeText(bytes, 'UNICODE UTF-8')
}

function fhirPart({ fhir, format, bytes }: Content, words: MessageWords): HtmlValue {
  const json = format === 'fhir' ? bytes : fhir
  if (json === null) return words.noFhir
  return html`<pre class="raw" tabindex="0">${pretty(json).slice(0, RAW_CHARACTERS)}</pre>`
}

function documentPart(message: Hl7Message, words: MessageWords): HtmlValue {
  const found = documentsIn(message, 5)
  if (found.length === 0) return words.noDocument
  return found.map(({ at, base64 }) => {
    const reader = new CdaReader(base64)
    reader.run(HEADER_BYTES)
    const { header, fault } = reader.reading()
    return html`<h4>${at}</h4>${fault === null ? null : html`<p class="alarm">${words.documentFault} (${fault})</p>`}${documentFacts(header, words)}`
  })
}

function documentFacts(header: CdaHeader, words: MessageWords): Html {
  const id = (one: { readonly root: string; readonly extension: string } | null) =>
    one === null ? '' : [one.root, one.extension].filter(Boolean).join(' · ')
  const patients = header.patients.map(({ families, givens, birthTime, ids }) =>
    [...families.map(({ name }) => name), ...givens.map(({ name }) => name), birthTime, ...ids.map(id)]
      .filter(Boolean)
      .join(' '),
  )
  const pairs = [
    [words.documentTitle, header.title],
    [words.documentCode, header.code === null ? '' : `${header.code.code} ${header.code.displayName}`],
    [words.documentId, id(header.id)],
    [words.documentDate, header.effectiveTime],
    [words.documentVersion, header.versionNumber],
    [words.documentPatients, patients.join(' / ')],
    [words.documentBody, header.body],
  ].filter(([, value]) => value !== '')
  return html`<dl class="facts">${pairs.map(([name = '', value = '']) => html`<dt>${name}</dt><dd>${short(value)}</dd>`)}</dl>`
}

function changesPart(content: Content, message: Hl7Message | null, language: Language, words: MessageWords): HtmlValue {
  if (content.leaving.length === 0) return words.asItCame
  return content.leaving.map(
    (one) => html`<h4>${one.destination}</h4>${changeOf(one, content, message, language, words)}`,
  )
}

function changeOf(
  one: Leaving,
  content: Content,
  message: Hl7Message | null,
  language: Language,
  words: MessageWords,
): HtmlValue {
  if (one.outcome === 'asItCame') return html`<p>${words.asItCame}</p>`
  if (one.bytes === null)
    return html`<p class="alarm">${words.notMade}${one.code === null ? null : html` : ${codeOf(one.code, language)}`}</p>`
  const list = differencesIn(one, content, message)
  if (list !== null) return differenceTable(one.delivery, list, words)
  const text =
    one.format === 'fhir'
      ? html`<pre class="raw" tabindex="0">${pretty(one.bytes).slice(0, RAW_CHARACTERS)}</pre>`
      : null
  return html`<p>${words.converted}</p>${text ?? visible(decodeText(one.bytes, 'UNICODE UTF-8').slice(0, RAW_CHARACTERS))}`
}

/** Where both are in one format. Null: they are not, or do not read. */
function differencesIn(one: Leaving, content: Content, message: Hl7Message | null): readonly Difference[] | null {
  if (one.format !== content.format || one.bytes === null) return null
  if (message !== null) {
    const after = readMessage(one.bytes, content.charset)
    return after.ok ? differences(message, after.message) : null
  }
  const [before, after] = [parseStrict(content.bytes), parseStrict(one.bytes)]
  return before.ok && after.ok ? differencesOf(leavesOf(before.value), leavesOf(after.value)) : null
}

function differenceTable(id: string, list: readonly Difference[], words: MessageWords): Html {
  const side = (text: string | null, mark: 'del' | 'ins') =>
    text === null
      ? html`<em class="quiet">${words.absent}</em>`
      : mark === 'del'
        ? html`<del>${short(text)}</del>`
        : html`<ins>${short(text)}</ins>`
  const rows = list.map(({ at, before, after }): readonly HtmlValue[] => [at, side(before, 'del'), side(after, 'ins')])
  return table(
    `diff-${id}`,
    words.changed,
    [{ name: words.place }, { name: words.before }, { name: words.afterwards }],
    rows,
  )
}
