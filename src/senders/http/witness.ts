import type { Dispatcher } from 'undici'
import type { MayBegin } from '../give-up.ts'

/** Bytes of a request body handed to the socket at once; time is given anew for each slice. */
const SLICE_BYTES = 64 * 1_024

/** What is known of one request, whatever the library above makes of it. */
export interface Witness {
  /** The connection stood and bytes may have left. */
  started: boolean
  /** The connection stood, and the request was not written because it may not begin any more. */
  notOurs: boolean
  /** Bytes of the body handed to the connection. */
  sentBytes: number
  /** Status of the final answer; null before it. */
  status: number | null
  /** Header fields of the answer, lower-case names. */
  headers: Readonly<Record<string, string | string[] | undefined>>
  readonly chunks: Buffer[]
  /** The answer is here to its last byte. */
  ended: boolean
  fault: unknown
}

/** Told when the request begins, when a slice of it goes, and when the answer begins. */
export type Progress = () => void

/**
 * Watches the one request made through the interceptor. It keeps the answer's bytes to itself; an answer that says it is compressed,
 * which nobody asked for, is dropped before anything inflates it. */
export function witnessing(
  bodyBytes: number,
  progress: Progress,
  mayBegin: MayBegin,
): { readonly witness: Witness; readonly interceptor: Dispatcher.DispatcherComposeInterceptor } {
  const witness: Witness = {
    started: false,
    notOurs: false,
    sentBytes: 0,
    status: null,
    headers: {},
    chunks: [],
    ended: false,
    fault: null,
  }
  async function* slices(body: AsyncIterable<Uint8Array> | Uint8Array): AsyncGenerator<Uint8Array> {
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
        const slice = chunk.subarray(at, at + SLICE_BYTES)
        // Counted before it goes: an answer may come while the socket still waits for room.
        witness.sentBytes += slice.length
        progress()
        yield slice
      }
    }
  }
  const interceptor: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
    const body = slices(options.body as unknown as AsyncIterable<Uint8Array> | Uint8Array)
    const sliced = { ...options, body } as unknown as Dispatcher.DispatchOptions
    return dispatch(sliced, watcher(witness, bodyBytes, { progress, mayBegin }, handler))
  }
  return { witness, interceptor }
}

function watcher(
  witness: Witness,
  bodyBytes: number,
  { progress, mayBegin }: { readonly progress: Progress; readonly mayBegin: MayBegin },
  handler: Dispatcher.DispatchHandler,
): Dispatcher.DispatchHandler {
  return {
    onRequestStart(controller, context) {
      // Asked again when fetch asks again: a request that had begun keeps its doubt.
      if (mayBegin?.() === false) {
        witness.notOurs = true
        controller.abort(new UnfitAnswer())
        return
      }
      // fetch asks again by itself after 421, which says that nothing was taken (RFC 9110 §15.5.20).
      Object.assign(witness, { started: true, sentBytes: 0, status: null, ended: false })
      witness.chunks.length = 0
      progress()
      handler.onRequestStart?.(controller, context)
    },
    onRequestUpgrade(controller, status, headers, socket) {
      handler.onRequestUpgrade?.(controller, status, headers, socket)
    },
    onResponseStart(controller, status, headers, message) {
      if (status >= 200) {
        witness.status = status
        witness.headers = headers
        progress()
        const early = status < 300 && witness.sentBytes < bodyBytes
        const coded = !['', 'identity'].includes(String(headers['content-encoding'] ?? ''))
        if (early) {
          // A yes to a message still being sent is a yes to something else.
          witness.status = null
          controller.abort(new UnfitAnswer())
          return
        }
        if (coded) {
          controller.abort(new UnfitAnswer())
          return
        }
      }
      handler.onResponseStart?.(controller, status, headers, message)
    },
    onResponseData(_controller, chunk) {
      // Handed no further: a library above may print what a server said of a patient (fhir-kit-client does under DEBUG).
      witness.chunks.push(chunk)
    },
    onResponseEnd(controller, trailers) {
      witness.ended = true
      handler.onResponseEnd?.(controller, trailers)
    },
    onResponseError(controller, error) {
      witness.fault = error
      handler.onResponseError?.(controller, error)
    },
  }
}

/** The answer is not one to this request. */
export class UnfitAnswer extends Error {
  override readonly name = 'UnfitAnswer'
}
