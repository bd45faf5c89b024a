import type { BatchPart, Intake } from '../core/journal.ts'
import { type Arrival, isReceipt, type Receipt, type Refusal } from '../core/message.ts'
import { type Batch, batchAnswer } from '../formats/hl7v2/batch.ts'
import { type AcceptParts, accept, concluded, faultOf, followed, refuse, weigh } from './accept.ts'
import { judgeFindings } from './findings.ts'
import { lookInside } from './look-inside.ts'
import { type Problem, type Reading, readArrival, type Unread } from './reading.ts'

/** Kind under which a batch itself is kept; its messages name it as their parent. */
export const BATCH_KIND = 'BATCH'

/** Messages of a batch that are judged in one turn of the event loop: some milliseconds. */
const AT_ONCE = 25

interface Part {
  readonly arrival: Arrival
  readonly reading: Reading | Unread
  /** What is to be committed, or what is said without a commit of this batch. */
  readonly intakes: BatchPart | null
  readonly said: Receipt | Refusal | null
}

/**
 * A batch (HL7 v2.5.1 §2.10.3): one arrival whose messages are judged one by one and committed together, each with its
 * own answer in the answer to the batch. One that is refused leaves the others alone; what was known before is answered
 * as it was then. Never rejects. */
export async function acceptBatch(arrival: Arrival, batch: Batch, parts: AcceptParts): Promise<Receipt | Refusal> {
  const unsafe = batch.problems.find((problem) => problem.class === 'safety')
  // What cannot be told apart into messages cannot be answered message by message either.
  if (unsafe !== undefined)
    return { ...(await refuse(arrival, null, { code: unsafe.code, at: unsafe.at ?? null }, parts)), close: true }
  try {
    let each: readonly Part[] = []
    for (let look = 0; ; look++) {
      each = await partsOf(arrival, batch, parts, { look, before: each })
      const said = await commitParts(arrival, batch, each, parts)
      if (said !== null) return answered(batch, said, parts)
    }
  } catch (fault) {
    const problem = faultOf(fault, arrival, parts)
    const said = batch.messages.map((bytes) => refuseOne({ ...arrival, bytes }, problem, parts))
    return answered(batch, await Promise.all(said), parts)
  }
}

/** The messages, a few at a time: all else goes on in between. */
async function partsOf(
  arrival: Arrival,
  batch: Batch,
  parts: AcceptParts,
  { look, before }: { readonly look: number; readonly before: readonly Part[] },
): Promise<readonly Part[]> {
  const each: Part[] = []
  for (let from = 0; from < batch.messages.length; from += AT_ONCE) {
    if (from > 0) await new Promise<void>((resolve) => setImmediate(resolve))
    const some = batch.messages.slice(from, from + AT_ONCE).map((bytes, i) => {
      // What was refused stays so: it is kept once, and was counted.
      const known = before[from + i]
      return known?.said ? known : partOf({ ...arrival, bytes }, batch, parts, look)
    })
    each.push(...(await Promise.all(some)))
  }
  return each
}

async function partOf(arrival: Arrival, { problems }: Batch, parts: AcceptParts, look: number): Promise<Part> {
  const reading = await lookInside(readArrival(arrival, parts.config()), parts, look)
  // Counts that do not agree are of the contract: they stop a strict sender's messages, which are judged afresh when sent again.
  const { problem } = judgeFindings(problems, { strict: reading.ok && reading.establishment.strict }, false)
  const weighed = problem === null ? weigh(arrival, reading, parts) : { problem }
  if ('intakes' in weighed) return { arrival, reading, intakes: weighed.intakes, said: null }
  const said =
    'answer' in weighed ? await accept(arrival, parts) : await refuse(arrival, reading, weighed.problem, parts)
  return { arrival, reading, intakes: null, said }
}

const refuseOne = (arrival: Arrival, problem: Problem, parts: AcceptParts): Promise<Refusal> =>
  refuse(arrival, readArrival(arrival, parts.config()), problem, parts)

/** Commits what may be; gives what is said to each message in order, or null when the routes changed meanwhile. */
async function commitParts(
  arrival: Arrival,
  batch: Batch,
  each: readonly Part[],
  parts: AcceptParts,
): Promise<readonly (Receipt | Refusal)[] | null> {
  const going = each.filter((part) => part.intakes !== null)
  const [first] = going
  if (first === undefined) return each.map((part) => part.said!)
  const main = batchIntake(arrival, batch, first.intakes![0], parts)
  const withParent = going.map(({ intakes }) => {
    const [head, ...more] = intakes!
    return [{ ...head, parent: main.id }, ...more] as const
  })
  const committed = await parts.journal.commitBatch(main, withParent)
  if (committed.kind !== 'committed') {
    await followed(committed, main, parts)
    return null
  }
  if (going.some(({ intakes }) => (intakes![0].timers?.length ?? 0) > 0)) parts.timersSet?.()
  const outcomes = new Map(going.map((part, i) => [part, committed.parts[i]!]))
  return Promise.all(
    each.map((part) => {
      const outcome = outcomes.get(part)
      return outcome === undefined ? part.said! : concluded(part.arrival, part.reading, outcome, parts)
    }),
  )
}

/** The batch as a message of its own: its bytes as they came, without a delivery. */
function batchIntake(arrival: Arrival, { problems }: Batch, sample: Intake, { ids }: AcceptParts): Intake {
  return {
    ...sample,
    id: ids.uuid(),
    kind: BATCH_KIND,
    controlId: '',
    bytes: arrival.bytes,
    repeatKey: null,
    answer: null,
    applicationAnswer: null,
    withheld: null,
    patientKeys: [],
    orderKeys: [],
    findings: problems,
    deliveries: [],
    events: [],
    rows: [],
    timers: [],
  }
}

/** One answer to all. It is a positive one as soon as one message was taken; each MSA-1 promises for its own. */
function answered(
  batch: Batch,
  said: readonly (Receipt | Refusal)[],
  { config, clock, ids }: AcceptParts,
): Receipt | Refusal {
  const answers = said.map((one) =>
    [one.answer, isReceipt(one) ? one.applicationAnswer : null].filter((answer) => answer !== null),
  )
  const controlId = ids.uuid().replaceAll('-', '').slice(-16)
  const answer = batchAnswer(batch, answers, { atMs: clock.nowMs(), timeZone: config().region.timeZone, controlId })
  const receipt = said.find(isReceipt)
  if (receipt !== undefined) return { ...receipt, answer, applicationAnswer: null }
  const refused = said[0] as Refusal | undefined
  return { code: refused?.code ?? 'NOT_HL7', answer, close: false }
}
