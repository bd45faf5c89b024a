import { type DoorPlaces, type Posting, postingAt, type Said } from './doors.ts'
import { trafficPost } from './traffic.ts'
import type { Post } from './written.ts'

/** What a run is asked for. */
export interface DemoAsk {
  readonly places: DoorPlaces
  readonly seconds: number
  readonly perSecond: number
  readonly timeZone: string
  /** Makes control ids that no other run has. */
  readonly run: string
  readonly nowMs: () => number
  readonly wait: (ms: number) => Promise<unknown>
  readonly progress: (done: number, total: number) => void
}

/** Posts by door. `unexpected`: neither what the post is to show, nor lost. */
export interface DemoCount {
  readonly door: Post['door']
  posted: number
  accepted: number
  refused: number
  lost: number
  unexpected: number
}

/** Posts the traffic at its pace and waits for every answer. */
export async function runDemo(ask: DemoAsk): Promise<readonly DemoCount[]> {
  const { seconds, perSecond, timeZone, run, nowMs, wait, progress } = ask
  const total = Math.max(1, Math.round(seconds * perSecond))
  const counts = new Map<Post['door'], DemoCount>()
  const posting: Posting = postingAt(ask.places)
  const startMs = nowMs()
  const answers: Promise<void>[] = []
  let done = 0
  for (let n = 0; n < total; n++) {
    const early = startMs + (n * 1_000) / perSecond - nowMs()
    if (early > 0) await wait(early)
    const post = trafficPost(n, run, nowMs(), timeZone)
    const note = (said: Said) => {
      count(counts, post, said)
      progress(++done, total)
    }
    answers.push(posting.post(post).then(note))
  }
  await Promise.all(answers)
  posting.close()
  return [...counts.values()]
}

function count(counts: Map<Post['door'], DemoCount>, { door, expected }: Post, said: Said): void {
  const at = counts.get(door) ?? { door, posted: 0, accepted: 0, refused: 0, lost: 0, unexpected: 0 }
  counts.set(door, at)
  at.posted += 1
  at[said] += 1
  if (said !== 'lost' && said !== expected) at.unexpected += 1
}
