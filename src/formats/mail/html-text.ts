/** HTML of a mail as plain text: its words and its lines, and nothing that a browser would do with it. Pure. */

/** Elements whose content nobody reads. What stands in `head` and is none of these is read: its end tag may be left out. */
const UNREAD = new Set(['script', 'style', 'title', 'template', 'iframe', 'svg', 'math'])
/** Those that may end themselves (`/>`), and hide nothing where their end is missing. */
const FOREIGN = new Set(['svg', 'math'])
/** Elements that begin a line. */
const LINES = new Set([
  ...['p', 'div', 'br', 'tr', 'li', 'ul', 'ol', 'table', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'pre'],
  ...['blockquote', 'section', 'article', 'header', 'footer', 'dl', 'dt', 'dd', 'address', 'form', 'fieldset'],
])
const ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', shy: '', laquo: '«', raquo: '»', euro: '€' },
  ...{ eacute: 'é', egrave: 'è', ecirc: 'ê', euml: 'ë', agrave: 'à', acirc: 'â', ccedil: 'ç', icirc: 'î', iuml: 'ï' },
  ...{ ocirc: 'ô', ouml: 'ö', ugrave: 'ù', ucirc: 'û', uuml: 'ü', Eacute: 'É', Egrave: 'È', Agrave: 'À', Ccedil: 'Ç' },
  ...{ rsquo: '’', lsquo: '‘', ldquo: '“', rdquo: '”', ndash: '–', mdash: '—', hellip: '…', deg: '°', oelig: 'œ' },
  ...{ middot: '·', bull: '•', micro: 'µ', plusmn: '±', times: '×', sup2: '²', frac12: '½' },
}

/**
 * The text; runs of space are one, blank lines at most one. The address of a link stands behind it where its words are
 * another. Takes linear time, whatever it is given. */
export function htmlText(html: string): string {
  const out: string[] = []
  const endless = new Set<string>()
  let link: Link | null = null
  let at = 0
  while (at < html.length) {
    const open = html.indexOf('<', at)
    out.push(html.slice(at, open < 0 ? html.length : open))
    if (open < 0) break
    if (html.startsWith('<!--', open)) {
      at = commentEnd(html, open)
      continue
    }
    const name = /^<\/?([a-zA-Z][a-zA-Z0-9]{0,20})/.exec(html.slice(open, open + 24))?.[1]?.toLowerCase()
    if (name === undefined && !/[!?/]/.test(html[open + 1] ?? '')) {
      // A sign of the text: `a < b`.
      out.push('<')
      at = open + 1
      continue
    }
    at = tagEnd(html, open)
    const ends = html[open + 1] === '/'
    if (name === 'a') {
      if (link !== null) out.push(behind(link, out))
      link = ends ? null : linkOf(html.slice(open + 2, at - 1), out.length)
    } else if (name !== undefined && !ends && UNREAD.has(name)) at = elementEnd(html, at, name, endless)
    // A line break that stands in the source counts as a space; these do not.
    else if (name !== undefined && LINES.has(name)) out.push('\u2028')
    else if (name === 'td' || name === 'th') out.push(' ')
  }
  if (link !== null) out.push(behind(link, out))
  return tidy(out.join(''))
}

/** A link that is open: where it leads, and the first piece of its words. */
interface Link {
  readonly address: string
  readonly from: number
}

/** Name and value of an attribute. */
const ATTRIBUTE = /([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g

/** The link of a tag; null: it leads nowhere that a person may be told. */
function linkOf(tag: string, from: number): Link | null {
  for (const [, name = '', ...values] of tag.matchAll(ATTRIBUTE)) {
    if (name.toLowerCase() !== 'href') continue
    const address = addressOf(decoded(values.find((one) => one !== undefined) ?? ''))
    return address === null ? null : { address, from }
  }
  return null
}

/** An address of the web as browsers write it: in ASCII, so that no letter passes for another. */
function addressOf(text: string): string | null {
  return /^\s*https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text).href : null
}

function behind({ address, from }: Link, out: readonly string[]): string {
  const words = tidy(out.slice(from).join(''))
  const same = addressOf(words) ?? addressOf(`${new URL(address).protocol}//${words}`)
  // What is written here is read once more, with its entities.
  return same === address ? '' : ` (${address.replaceAll('&', '&amp;')})`
}

/** Behind a comment; `<!-->` and `<!--->` are whole ones. The end of all where there is none. */
function commentEnd(html: string, open: number): number {
  const whole = /^-?>/.exec(html.slice(open + 4, open + 6))
  if (whole !== null) return open + 4 + whole[0].length
  const end = /--!?>/g
  end.lastIndex = open + 4
  return end.exec(html) === null ? html.length : end.lastIndex
}

/**
 * Behind the tag that begins at `open`; a `>` in quotes does not end it. The end of all where none ends it, so that no
 * other tag looks as far again. */
function tagEnd(html: string, open: number): number {
  const sign = /[>"']/g
  sign.lastIndex = open + 1
  for (let found = sign.exec(html); found !== null; found = sign.exec(html)) {
    if (found[0] === '>') return sign.lastIndex
    if (!/=\s*$/.test(html.slice(Math.max(open, found.index - 10), found.index))) continue
    // A quote that nobody closes is none: there is no other of its kind behind it.
    const close = html.indexOf(found[0], sign.lastIndex)
    if (close >= 0) sign.lastIndex = close + 1
  }
  return html.length
}

/** Behind the end tag of an element whose own ends at `from`. Where there is none: the end of all, or `from`. */
function elementEnd(html: string, from: number, name: string, endless: Set<string>): number {
  const foreign = FOREIGN.has(name)
  if (foreign && (html[from - 2] === '/' || endless.has(name))) return from
  const end = new RegExp(`</${name}[^>]{0,200}>`, 'gi')
  end.lastIndex = from
  if (end.exec(html) !== null) return end.lastIndex
  endless.add(name)
  return foreign ? from : html.length
}

function tidy(text: string): string {
  return decoded(text.replace(/[ \t\r\n\f\v]+/g, ' '))
    .split('\u2028')
    .map((line) => line.trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

/** Entities as the characters that they stand for. */
function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z][a-z\d]{1,10}));?/gi, (whole, dec, hex, name) => {
    if (name !== undefined) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name]! : whole
    const point = dec === undefined ? Number.parseInt(hex, 16) : Number(dec)
    return point === 0 || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)
      ? '\ufffd'
      : String.fromCodePoint(point)
  })
}
