/** A piece of base64 is made of whole groups of 3 bytes. */
const GROUP = 3

/** Bytes that come in pieces, as pieces of one base64 text (RFC 4648 section 4). */
export async function* base64Pieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest: Uint8Array = new Uint8Array()
  for await (const chunk of chunks) {
    const all = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
    const whole = all.length - (all.length % GROUP)
    yield all.toString('base64', 0, whole)
    rest = all.subarray(whole)
  }
  yield Buffer.from(rest).toString('base64')
}
