import fc from 'fast-check'

/** Bits of a message that a reader of MIME may stumble over, with boundaries `b` and `c`; `mixed`: a whole one among them. */
export function mimePiece(mixed: string): fc.Arbitrary<string> {
  return fc.constantFrom(
    ...[
      '\r\n',
      '\r\n',
      '\n',
      '\r',
      '-',
      '--',
      '--b',
      '--c',
      '\r\n--b\r\n',
      '\r\n--b--\r\n',
      '\r\n\r\n',
      'x',
      'A: b\r\n',
      ' ',
    ],
    'Content-Type: multipart/mixed; boundary=b\r\n\r\n',
    'Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n',
    'Content-Type: message/rfc822\r\n\r\n',
    `--${'y'.repeat(400)}`,
    mixed,
  )
}
