/** HTML of a mail as plain text: its words and its lines, and nothing that a browser would do with it. Pure. */

/** Elements whose content nobody reads. */
const UNREAD = new Set(['script', 'style', 'head', 'title', 'template', 'noscript', 'iframe', 'object', 'svg', 'math'])
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

/** The text; runs of space are one, blank lines at most one. Takes linear time, whatever it is given. */
export function htmlText(html: string): string {
  let text = ''
  let at = 0
  while (at < html.length) {
    const open = html.indexOf('<', at)
    if (open < 0) {
      text += html.slice(at)
      break
    }
    text += html.slice(at, open)
    if (html.startsWith('<!--', open)) {
      const end = html.indexOf('-->', open + 4)
      at = end < 0 ? html.length : end + 3
      continue
    }
    const name = /^<\/?([a-zA-Z][a-zA-Z0-9]{0,20})/.exec(html.slice(open, open + 24))?.[1]?.toLowerCase()
    if (name === undefined && !/[!?/]/.test(html[open + 1] ?? '')) {
      // A sign of the text: `a < b`.
      text += '<'
      at = open + 1
      continue
    }
    const end = tagEnd(html, open)
    if (name !== undefined && html[open + 1] !== '/' && UNREAD.has(name)) {
      at = elementEnd(html, end, name)
      continue
    }
    // A line break that stands in the source counts as a space; these do not.
    if (name !== undefined && LINES.has(name)) text += '\u2028'
    else if (name === 'td' || name === 'th') text += ' '
    at = end
  }
  return tidy(text)
}

/** Behind the tag that begins at `open`; a `>` in quotes does not end it. */
function tagEnd(html: string, open: number): number {
  let quote = ''
  // A tag without end must not make every other one look to the end as well.
  const most = Math.min(html.length, open + 20_000)
  for (let i = open + 1; i < most; i += 1) {
    const sign = html[i]!
    if (quote !== '') {
      if (sign === quote) quote = ''
    } else if ((sign === '"' || sign === "'") && html[i - 1] === '=') quote = sign
    else if (sign === '>') return i + 1
  }
  return most
}

/** Behind the end tag of an element; the end of all where there is none. */
function elementEnd(html: string, from: number, name: string): number {
  const end = new RegExp(`</${name}[^>]{0,200}>`, 'gi')
  end.lastIndex = from
  return end.exec(html) === null ? html.length : end.lastIndex
}

function tidy(text: string): string {
  return text
    .replace(/[ \t\r\n\f\v]+/g, ' ')
    .replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z][a-z\d]{1,10}));?/gi, (whole, dec, hex, name) => {
      if (name !== undefined) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name]! : whole
      const point = dec === undefined ? Number.parseInt(hex, 16) : Number(dec)
      return point === 0 || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)
        ? '\ufffd'
        : String.fromCodePoint(point)
    })
    .replace(/ *\u2028 */g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}
