import { createReadStream } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { checkServerIdentity, type DetailedPeerCertificate } from 'node:tls'
import type { WhiteListSettings } from '../../core/white-list.ts'
import { crlOption, revocationFault } from '../../formats/x509/revocation.ts'
import { pemCertificates } from '../../formats/x509/revocation-list.ts'

/** What the publisher said before, so that it need not say it again. */
export interface Before {
  readonly etag: string | null
  readonly lastModified: string | null
}

/** What was got. `unread`: nothing, and why in a word that quotes nobody. */
export type Got =
  | ({ readonly what: 'bytes'; readonly bytes: Uint8Array } & Before)
  | { readonly what: 'same' }
  | { readonly what: 'unread'; readonly why: string }
  | { readonly what: 'too-large' }

/** Gets the list from where the settings say; never rejects. */
export async function getList(settings: WhiteListSettings, before: Before): Promise<Got> {
  try {
    return await (settings.source.kind === 'url'
      ? fetched(settings.source.url, settings, before)
      : fromFile(settings.source.file, settings))
  } catch (fault) {
    const { code, name } = fault as NodeJS.ErrnoException
    return { what: 'unread', why: code ?? name }
  }
}

async function fromFile(file: string, { maxBytes, timeoutMs }: WhiteListSettings): Promise<Got> {
  const bytes = await collected(createReadStream(file, { signal: AbortSignal.timeout(timeoutMs) }), maxBytes)
  return bytes === null ? { what: 'too-large' } : { what: 'bytes', bytes, etag: null, lastModified: null }
}

/**
 * One GET over TLS for which the configured authorities alone vouch; nothing is followed anywhere else, and the whole
 * answer must come within the time given. */
async function fetched(url: string, settings: WhiteListSettings, { etag, lastModified }: Before): Promise<Got> {
  const { ca, crl, crlStale, timeoutMs, maxBytes } = settings
  const files = { ca, crl, crlStale }
  const signal = AbortSignal.timeout(timeoutMs)
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = {
      accept: 'application/xml, text/xml',
      ...(etag !== null && { 'if-none-match': etag }),
      ...(lastModified !== null && { 'if-modified-since': lastModified }),
    }
    const options = {
      ca: pemCertificates(ca).map(String),
      ...crlOption(files),
      checkServerIdentity(name: string, certificate: DetailedPeerCertificate) {
        const fault = revocationFault(certificate, files)
        return fault === null
          ? checkServerIdentity(name, certificate)
          : Object.assign(new Error(fault), { code: fault })
      },
      minVersion: 'TLSv1.2' as const,
      agent: false,
      signal,
      headers,
    }
    request(url, options, resolve).on('error', reject).end()
  })
  if (response.statusCode !== 200) {
    response.destroy()
    // To who asked for the list whatever it is, because its signer is to be looked at, "unchanged" says nothing.
    const asked = etag !== null || lastModified !== null
    return response.statusCode === 304 && asked
      ? { what: 'same' }
      : { what: 'unread', why: `HTTP ${response.statusCode}` }
  }
  const bytes = await collected(response, maxBytes)
  if (bytes === null) {
    response.destroy()
    return { what: 'too-large' }
  }
  const header = (value: string | undefined): string | null =>
    value !== undefined && value.length <= 500 ? value : null
  return {
    what: 'bytes',
    bytes,
    etag: header(response.headers.etag),
    lastModified: header(response.headers['last-modified']),
  }
}

/** All bytes, or null as soon as there are too many. */
async function collected(stream: AsyncIterable<Buffer>, maxBytes: number): Promise<Uint8Array | null> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of stream) {
    length += piece.length
    if (length > maxBytes) return null
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
