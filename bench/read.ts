/** How fast a message's header and patient keys are read, beside @medplum/core on the same bytes in the same run. */
import { Hl7Message as MedplumMessage } from '@medplum/core'
import { acknowledgement, answerSource } from '../src/formats/hl7v2/answer.ts'
import { readHeader } from '../src/formats/hl7v2/header.ts'
import { patientIdentifiers } from '../src/formats/hl7v2/identifiers.ts'
import { readMessage } from '../src/formats/hl7v2/message.ts'
import { frame, frameScanner } from '../src/formats/mllp/scanner.ts'

/** One line of a bench: `ok` tells whether the target is met. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly target?: string
  readonly ok?: boolean
}

const ROUNDS = 7
const ROUND_MS = 250

/** An invented laboratory result of about 1.5 KB. */
function result(): Buffer {
  const ins = '261025313000150^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS'
  const lines = [
    'MSH|^~\\&|LABO|530000371^1.2.250.1.71.4.2.2^M|DPI|440000289|20260310101500||ORU^R01^ORU_R01|LAB0001234|T|2.5|||||FRA|8859/15|||2.1^EXAMPLE',
    `PID|1||0001234^^^CH-EXEMPLE&530000371&M^PI~${ins}||MARTIN (FICTIF)^Zo\xe9^^^^^L||19610214|F|||1 rue Exemple^^LAVAL^^53000^FRA^H||||||||||||||||||||N||VALI`,
    'PV1|1|I|MED1^101^1^CH-EXEMPLE||||100000001^DUPONT^Anne|||||||||||V0001^^^CH-EXEMPLE|||||||||||||||||||||||||20260309',
    'ORC|RE|P1234^DPI|F1234^LABO||CM||||20260310090000',
    'OBR|1|P1234^DPI|F1234^LABO|NFS^Num\xe9ration formule sanguine^L|||20260310083000||||||||100000001^DUPONT^Anne||||||20260310101000||LAB|F',
  ]
  const analytes = [
    'H\xe9moglobine',
    'Leucocytes',
    'Plaquettes',
    'H\xe9matocrite',
    'VGM',
    'CCMH',
    'TCMH',
    'Neutrophiles',
    'Lymphocytes',
    'Monocytes',
    'Eosinophiles',
  ]
  for (const [i, name] of analytes.entries()) {
    lines.push(`OBX|${i + 1}|NM|${1000 + i}^${name}^L||${10 + i}.4|g/L|10-20|N|||F|||20260310100000||LABO^Exemple`)
  }
  return Buffer.from(`${lines.join('\r')}\r`, 'latin1')
}

function readOurs(bytes: Buffer): number {
  const read = readMessage(bytes)
  if (!read.ok) throw new Error(read.code)
  const header = readHeader(read.message)
  return (
    header.kind.length +
    header.controlId.length +
    header.sendingFacility.length +
    patientIdentifiers(read.message).length
  )
}

/** The same reads with the other reader; it takes text, so the bytes are decoded first. */
function readTheirs(bytes: Buffer): number {
  const message = MedplumMessage.parse(bytes.toString('latin1'))
  const header = message.getSegment('MSH')
  const part = (field: number, component: number) => header?.getComponent(field, component) ?? ''
  const kind = `${part(9, 1)}^${part(9, 2)}`
  let identifiers = 0
  for (const patient of message.getAllSegments('PID')) {
    const reliable = patient.getComponent(32, 1) === 'VALI'
    const repetitions = patient.getField(3).components.length
    for (let i = 0; i < repetitions; i++) {
      const id = patient.getComponent(3, 1, undefined, i)
      const authority = patient.getComponent(3, 4, 1, i)
      const type = patient.getComponent(3, 5, undefined, i)
      if (id !== '' && (authority !== '' || type !== '' || reliable)) identifiers++
    }
  }
  return kind.length + part(10, 1).length + part(4, 1).length + identifiers
}

/** Calls per second over one round. */
function rate(work: () => unknown): number {
  const startMs = performance.now()
  let calls = 0
  let ms = 0
  for (; ms < ROUND_MS; ms = performance.now() - startMs) {
    for (let i = 0; i < 100; i++) work()
    calls += 100
  }
  return (calls * 1000) / ms
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** Medians of interleaved rounds, so that a noisy machine disturbs every line alike. About 10 s. */
export async function benchRead(): Promise<Figure[]> {
  const bytes = result()
  if (readOurs(bytes) !== readTheirs(bytes)) throw new Error('the two readers disagree on the bench message')
  const source = answerSource(bytes)
  if (source === null) throw new Error('the bench message has no header')
  const scanner = frameScanner({ maxFrameBytes: 16_777_216 })
  const block = frame(bytes)
  let atMs = Date.UTC(2026, 2, 10)
  const contenders = {
    ours: () => readOurs(bytes),
    theirs: () => readTheirs(bytes),
    scan: () => scanner.push(block),
    source: () => answerSource(bytes),
    answer: () => acknowledgement(source, { code: 'AA', controlId: 'ACK1', atMs: atMs++, timeZone: 'Europe/Paris' }),
  }
  const rates: Record<keyof typeof contenders, number[]> = { ours: [], theirs: [], scan: [], source: [], answer: [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of Object.keys(contenders) as (keyof typeof contenders)[]) {
      rates[name].push(rate(contenders[name]))
      await new Promise(setImmediate)
    }
  }
  const ours = median(rates.ours)
  const ratio = ours / median(rates.theirs)
  const answerUs = 1e6 / median(rates.answer)
  return [
    { name: 'message size', value: bytes.length, unit: 'bytes' },
    { name: 'header reads', value: Math.round(ours), unit: '1/s', target: '>= 40000', ok: ours >= 40_000 },
    { name: 'the same reads, @medplum/core', value: Math.round(median(rates.theirs)), unit: '1/s' },
    { name: 'ratio to @medplum/core', value: Number(ratio.toFixed(1)), unit: 'x', target: '>= 5', ok: ratio >= 5 },
    { name: 'frame scans', value: Math.round(median(rates.scan)), unit: '1/s' },
    { name: 'answer source', value: Number((1e6 / median(rates.source)).toFixed(2)), unit: 'µs' },
    { name: 'acknowledgement', value: Number(answerUs.toFixed(2)), unit: 'µs', target: '<= 5', ok: answerUs <= 5 },
  ]
}

if (import.meta.main) {
  for (const { name, value, unit, target, ok } of await benchRead()) {
    const verdict = target === undefined ? '' : ` (target ${target}: ${ok ? 'met' : 'missed'})`
    console.log(`${name.padEnd(32)} ${String(value).padStart(9)} ${unit}${verdict}`)
  }
}
