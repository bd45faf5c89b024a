/** What a person sees who opens an archive by hand: INDEX.HTM and README.TXT (ITI TF-2b §3.32.4.1.2). */
import { xml } from '../cda/write.ts'

/** Who made the archive: README.TXT says whom to ask. */
export interface XdmProducer {
  readonly name: string
  readonly version: string
  readonly contact: string
}

/** A document as the page lists it; `path` from the root of the archive. */
export interface ListedDocument {
  readonly path: string
  readonly title: string
  readonly mimeType: string
}

const DOCTYPE =
  '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML Basic 1.1//EN" "http://www.w3.org/TR/xhtml-basic/xhtml-basic11.dtd">'

/** INDEX.HTM, XHTML Basic in UTF-8; says nothing of the patient. */
export function indexPage(institution: string, documents: readonly ListedDocument[]): Buffer {
  const title = 'Documents de santé'
  const page = xml(
    'html',
    { xmlns: 'http://www.w3.org/1999/xhtml', 'xml:lang': 'fr' },
    xml(
      'head',
      {},
      xml('meta', { 'http-equiv': 'Content-Type', content: 'text/html; charset=UTF-8' }),
      xml('title', {}, title),
    ),
    xml(
      'body',
      {},
      xml('h1', {}, title),
      institution === '' ? null : xml('p', {}, institution),
      xml(
        'ul',
        {},
        documents.map(({ path, title: name, mimeType }) =>
          xml('li', {}, xml('a', { href: path }, name === '' ? path : name), ` (${mimeType})`),
        ),
      ),
      xml('p', {}, xml('a', { href: 'README.TXT' }, 'README.TXT')),
    ),
  )
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${DOCTYPE}\n${page.text}\n`, 'utf8')
}

/** README.TXT, UTF-8 with the line ends of every system of its time. */
export function readmeText({ name, version, contact }: XdmProducer, institution: string): Buffer {
  const lines = [
    institution,
    '',
    `${name} ${version}`.trim(),
    contact,
    '',
    'Cette archive suit le profil IHE XDM.',
    'INDEX.HTM : liste des documents, à ouvrir dans un navigateur.',
    'IHE_XDM/SUBSET01/METADATA.XML : métadonnées des documents.',
    'IHE_XDM/SUBSET01/DOC*.* : les documents.',
  ]
  const said = lines.map((one) => one.replace(/[\0-\x1f\x7f]+/g, ' ').trim())
  return Buffer.from(`${said.join('\r\n').trimStart()}\r\n`, 'utf8')
}
