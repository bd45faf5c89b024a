import { codeOf, type ErrorCode } from '../../core/errors.ts'
import type { Head } from '../../formats/dicom/head.ts'
import { HeadReader } from '../../formats/dicom/head.ts'

/** The head of an instance on its way, and what comes behind it; or why there is none. `again`: it may be tried again. */
export type Headed =
  | { readonly ok: true; readonly head: Head; readonly rest: AsyncIterator<Uint8Array> }
  | { readonly ok: false; readonly code: ErrorCode; readonly again: boolean }

/** Reads bytes to the end of the head, and no further than the piece it ends in. */
export async function headOf(bytes: AsyncIterable<Uint8Array>): Promise<Headed> {
  const reader = new HeadReader()
  const rest = bytes[Symbol.asyncIterator]()
  const stop = async (): Promise<void> => void (await rest.return?.())
  try {
    for (;;) {
      const { done, value } = await rest.next()
      const state = done === true ? reader.end() : reader.push(value)
      if (state.is === 'head') return { ok: true, head: state.head, rest }
      if (state.is !== 'fault') continue
      await stop()
      return { ok: false, code: state.code, again: false }
    }
  } catch (fault) {
    return { ok: false, code: codeOf(fault), again: true }
  }
}

/** What goes on: the head as it was changed, then everything behind it as it comes. */
export async function* following(
  head: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
  passed: (bytes: number) => void = () => {},
): AsyncGenerator<Uint8Array> {
  try {
    for (const piece of head) yield piece
    for (;;) {
      const { done, value } = await rest.next()
      if (done === true) return
      passed(value.length)
      yield value
    }
  } finally {
    await rest.return?.()
  }
}
