import PDFDocument from 'pdfkit'
import type { SignedStatement, StatedRequirement } from '../../core/conformity-statement.ts'
import { canonicalJson } from './signed.ts'
import { STATEMENT_WORDS, type StatementWords } from './words.ts'

const MARGIN = 50
const WIDTH = 595.28 - 2 * MARGIN
const FOOT = 70
const REGULAR = 'Helvetica'
const BOLD = 'Helvetica-Bold'
const INK = '#1d2430'
const FAINT = '#566070'

type Pdf = InstanceType<typeof PDFDocument>

/**
 * The statement on pages of A4, tagged for readers of screens, with its signed JSON inside as `constat.json` (in clear: whoever has
 * the file can take it out). The same statement makes the same bytes, so that pages can be checked by making them again. */
export async function statementPdf(statement: SignedStatement, language: 'fr' | 'en'): Promise<Buffer> {
  const words = STATEMENT_WORDS[language]
  const madeAt = new Date(statement.madeAt)
  const pdf = new PDFDocument({
    ...{ size: 'A4', margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: FOOT }, bufferPages: true },
    ...{ pdfVersion: '1.7', tagged: true, lang: language, displayTitle: true, compress: false },
    info: {
      Title: `${words.title} – ${statement.establishment.name}`,
      Author: statement.region,
      CreationDate: madeAt,
      ModDate: madeAt,
    },
  })
  const ended = collected(pdf)
  pdf.file(Buffer.from(canonicalJson(statement)), {
    ...{ name: 'constat.json', type: 'application/json', creationDate: madeAt, modifiedDate: madeAt },
  })
  head(pdf, statement, words, language)
  let domain = ''
  for (const one of statement.requirements) {
    const name = one.domain[language]
    if (name !== domain) heading(pdf, name, 'H2', 13)
    domain = name
    requirement(pdf, one, words, language)
  }
  signature(pdf, statement, words)
  feet(pdf, statement, words, language)
  pdf.end()
  return ended
}

function collected(pdf: Pdf): Promise<Buffer> {
  const chunks: Buffer[] = []
  return new Promise((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk))
    pdf.on('end', () => resolve(Buffer.concat(chunks)))
    pdf.on('error', reject)
  })
}

function head(pdf: Pdf, one: SignedStatement, words: StatementWords, language: 'fr' | 'en'): void {
  heading(pdf, words.title, 'H1', 20)
  const { establishment, framework } = one
  const finess = establishment.finess === null ? '' : ` (FINESS ${establishment.finess})`
  const confirm = framework.confirm ? ` (${words.toConfirm})` : ''
  const lines: readonly (readonly [string, string])[] = [
    [words.establishment, `${establishment.name}${finess}`],
    [words.framework, `${framework.title[language]}, ${framework.name}, ${framework.publisher}${confirm}`],
    [words.use, words.uses[one.use]],
    [words.window, `${one.window.from} – ${one.window.to}`],
    [words.made, one.madeAt],
  ]
  for (const [name, value] of lines) {
    tagged(pdf, 'P', () => {
      pdf.font(BOLD).fontSize(10).fillColor(INK).text(`${name} : `, { continued: true }).font(REGULAR).text(value)
    })
  }
  pdf.moveDown()
  tagged(pdf, 'P', () => pdf.font(BOLD).fontSize(12).text(words.share(one.share.met, one.share.of)))
  tagged(pdf, 'P', () => pdf.font(REGULAR).fontSize(10).text(one.notice[language]))
}

function heading(pdf: Pdf, text: string, tag: 'H1' | 'H2', size: number): void {
  if (pdf.y > pdf.page.height - FOOT - 80) pdf.addPage()
  pdf.moveDown(tag === 'H1' ? 0 : 1)
  tagged(pdf, tag, () => pdf.font(BOLD).fontSize(size).fillColor(INK).text(text, MARGIN, pdf.y, { width: WIDTH }))
  pdf.moveDown(0.4)
}

function requirement(pdf: Pdf, one: StatedRequirement, words: StatementWords, language: 'fr' | 'en'): void {
  if (pdf.y > pdf.page.height - FOOT - 50) pdf.addPage()
  const counted = one.judgedBy === 'traffic' && one.total > 0 ? `, ${words.messages(one.good, one.total)}` : ''
  const since = one.since === null ? '' : `, ${words.since} ${one.since.slice(0, 10)}`
  const software = one.software.length === 0 ? '' : `, ${words.measuredOn} ${one.software.join(', ')}`
  const confirm = one.confirm ? `, ${words.toConfirm}` : ''
  tagged(pdf, 'P', () => {
    pdf.font(BOLD).fontSize(9.5).fillColor(INK)
    pdf.text(`${one.id} – ${words.verdicts[one.verdict]}`, MARGIN, pdf.y, { width: WIDTH })
    pdf.font(REGULAR).text(one.text[language], { width: WIDTH })
    pdf.fontSize(8.5).fillColor(FAINT)
    pdf.text(`${words.levels[one.level]}, ${one.source}${counted}${since}${software}${confirm}`, { width: WIDTH })
  })
  pdf.moveDown(0.5)
}

function signature(pdf: Pdf, { signature: { keyId, value } }: SignedStatement, words: StatementWords): void {
  heading(pdf, words.signature, 'H2', 13)
  tagged(pdf, 'P', () => {
    pdf.font('Courier').fontSize(8).fillColor(INK).text(`Ed25519 ${keyId}`, MARGIN, pdf.y, { width: WIDTH })
    pdf.text(value, { width: WIDTH })
    pdf.font(REGULAR).fontSize(9).text(words.checked, { width: WIDTH })
  })
}

/** At the foot of every page: what it is not, and which page it is. */
function feet(pdf: Pdf, { notice }: SignedStatement, words: StatementWords, language: 'fr' | 'en'): void {
  const { start, count } = pdf.bufferedPageRange()
  for (let page = start; page < start + count; page++) {
    pdf.switchToPage(page)
    // Below the margin a text would begin a page of its own.
    pdf.page.margins.bottom = 0
    const y = pdf.page.height - FOOT + 20
    pdf.markContent('Artifact', { type: 'Pagination' })
    pdf.font(REGULAR).fontSize(7.5).fillColor(FAINT)
    pdf.text(notice[language], MARGIN, y, { width: WIDTH, lineBreak: true })
    pdf.text(words.page(page + 1, count), MARGIN, y + 20, { width: WIDTH, align: 'right' })
    pdf.endMarkedContent()
    pdf.page.margins.bottom = FOOT
  }
}

/** Draws under a tag of the document's structure (ISO 32000-1 §14.8). */
function tagged(pdf: Pdf, tag: 'H1' | 'H2' | 'P', draw: () => unknown): void {
  pdf.addStructure(pdf.struct(tag, {}, () => void draw()))
}
