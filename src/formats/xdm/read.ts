/** IHE_XDM.ZIP that somebody sent: taken apart within bounds, and judged (ITI-32; MSSanté, ECO.2.1). */
import type { Finding } from '../../core/message.ts'
import { faultFinding, XdmStop } from './fault.ts'
import { readMetadata } from './metadata-read.ts'
import type { XdmEntry, XdmPackage } from './package.ts'
import { measuredDocument } from './write.ts'
import { unzipped, ZIP_BUDGET, type ZipBudget, type ZipEntry, zipEntries } from './zip-read.ts'

/** What an archive comes to. Where it is not read, one finding says why. */
export type XdmReading =
  | { readonly ok: true; readonly package: XdmPackage; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly findings: readonly Finding[] }

type Document = XdmPackage['documents'][number]

/**
 * Reads an archive. Nothing is unpacked but METADATA.XML and the files that it names, each once, and no archive inside is
 * opened; names count whatever their case. Any bytes may come; never throws for what they hold. */
export async function readXdm(bytes: Buffer, budget: ZipBudget = ZIP_BUDGET): Promise<XdmReading> {
  try {
    return await taken(bytes, zipEntries(bytes, budget))
  } catch (stop) {
    if (!(stop instanceof XdmStop)) throw stop
    return { ok: false, findings: [faultFinding(stop.fault)] }
  }
}

async function taken(bytes: Buffer, files: readonly ZipEntry[]): Promise<XdmReading> {
  const place = metadataPlace(files)
  const { metadata, findings } = readMetadata(await unzipped(bytes, place.file))
  const byPath = new Map(files.map((one) => [one.name.toUpperCase(), one]))
  const found: Finding[] = [...findings, ...layoutFindings(byPath, place.root)]
  const documents: Document[] = []
  const named = new Set([place.file])
  for (const [i, entry] of metadata.entries.entries()) {
    const at = `DocumentEntry[${i}]`
    const file = fileOf(entry.uri, place.folder, byPath)
    if (file === null) found.push({ code: 'XDM_DOCUMENT_MISSING', class: 'contract', at: `${at}.uri` })
    // Unpacked once for each of thousands of entries, a small archive would fill the memory.
    else if (named.has(file)) throw new XdmStop('XDM_METADATA', 'file-twice')
    else named.add(file)
    const content = file === null ? null : await unzipped(bytes, file)
    documents.push({ entry, bytes: content })
    if (content !== null) found.push(...measureFindings(entry, content, at))
  }
  const extra = files.filter((one) => one.name.toUpperCase().startsWith(place.folder) && !named.has(one)).length
  if (extra > 0) found.push({ code: 'XDM_FILE_UNLISTED', class: 'form', params: { count: extra } })
  return { ok: true, package: { submission: metadata.submission, documents }, findings: found }
}

interface Place {
  readonly file: ZipEntry
  /** `…/SUBSET01/` in upper case, what documents are beside. */
  readonly folder: string
  /** What stands before `IHE_XDM/`, where somebody packed the folder around it. */
  readonly root: string
}

/** The one METADATA.XML: a second one would be a second submission set. */
function metadataPlace(files: readonly ZipEntry[]): Place {
  const found = files.flatMap((file): Place[] => {
    const match = /^((?:[^/]+\/){0,2}?)IHE_XDM\/[^/]+\/METADATA\.XML$/.exec(file.name.toUpperCase())
    if (match === null) return []
    return [{ file, folder: file.name.toUpperCase().slice(0, -'METADATA.XML'.length), root: match[1]! }]
  })
  if (found.length > 1) throw new XdmStop('XDM_METADATA', 'several')
  const [place] = found
  if (place === undefined) throw new XdmStop('XDM_METADATA', 'none')
  return place
}

function layoutFindings(byPath: ReadonlyMap<string, ZipEntry>, root: string): Finding[] {
  return ['README.TXT', 'INDEX.HTM']
    .filter((name) => !byPath.has(`${root}${name}`))
    .map((at): Finding => ({ code: 'XDM_FILE_MISSING', class: 'form', at }))
}

/** The file that a URI names, beside METADATA.XML; null when there is none, or it leads elsewhere. */
function fileOf(uri: string, folder: string, byPath: ReadonlyMap<string, ZipEntry>): ZipEntry | null {
  const path = uri.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '')
  if (path === '' || path.startsWith('/') || path.includes(':') || path.split('/').includes('..')) return null
  return byPath.get(`${folder}${path.toUpperCase()}`) ?? null
}

function measureFindings(entry: XdmEntry, bytes: Buffer, at: string): Finding[] {
  const { hash, size } = measuredDocument(bytes)
  const differs: Finding[] = []
  if (entry.hash !== '' && entry.hash !== hash) differs.push({ code: 'XDM_HASH', class: 'contract', at: `${at}.hash` })
  if (entry.size !== null && entry.size !== size) {
    differs.push({ code: 'XDM_HASH', class: 'contract', at: `${at}.size` })
  }
  return differs
}
