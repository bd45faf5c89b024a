/** A part of a mail of a test. */
export interface Attached {
  readonly type?: string
  readonly name?: string
  readonly data: Buffer | string
  readonly encoding?: 'base64' | '7bit'
}

/** A mail with these parts. */
export function mailWith(from: string, to: string, parts: readonly Attached[], id = 'parts@a.mssante.test'): string {
  return [
    `From: <${from}>`,
    `To: <${to}>`,
    'Subject: Des parties',
    `Message-ID: <${id}>`,
    'Date: Fri, 20 Nov 2026 10:00:00 +0100',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="=_limite"',
    '',
    ...parts.flatMap(({ type = 'application/octet-stream', name, data, encoding = 'base64' }) => [
      '--=_limite',
      `Content-Type: ${type}${name === undefined ? '' : `; name="${name}"`}`,
      `Content-Transfer-Encoding: ${encoding}`,
      '',
      encoding === 'base64' ? lines(Buffer.from(data).toString('base64')) : String(data),
    ]),
    '--=_limite--',
    '',
  ].join('\r\n')
}

function lines(text: string): string {
  return text.replace(/.{76}(?=.)/g, '$&\r\n')
}
