/**
 * The directory at its real size (535,000 invented rows, made at run time) in a real gateway on the embedded store: how long an
 * import takes and how much memory, what messages wait for meanwhile, and how fast addresses are completed. */
import { deflateRawSync } from 'node:zlib'
import { HEADER, lineOf } from '../test/support/directory.ts'
import { OPERATOR_KEY } from '../test/support/world/region.ts'
import type { World } from '../test/support/world/world.ts'
import { localHeader } from '../test/support/zip.ts'
import { atMost, type Figure, quantile } from './figure.ts'
import { postFor } from './post.ts'
import { benchWorld, FACILITIES } from './region.ts'

const ROWS = 535_000
const MIB = 2 ** 20
/** Messages a second meanwhile, as on a busy morning. */
const RATE = 100
const ASKS = 600
const API = '/api/mail/directory'

const SYLLABLES =
  'ma ri tin le du ber nard mo reau pe tit gar cia lau rent si mon mi chel da vid ro ux vin cent fa bre an ne so phie cla ire ju lie'.split(
    ' ',
  )
const TOWNS = ['Laval', 'Nantes', 'Angers', 'Le Mans', 'La Roche-sur-Yon', 'Saint-Nazaire', 'Cholet', 'Saumur']
const JOBS = [
  ['10', 'Médecin', 'SM54', 'Médecine générale'],
  ['10', 'Médecin', 'SM04', 'Cardiologie et maladies vasculaires'],
  ['60', 'Infirmier', '', ''],
  ['21', 'Pharmacien', '', ''],
  ['70', 'Masseur-Kinésithérapeute', '', ''],
] as const

/** The same numbers each time. */
export function numbers(): (below: number) => number {
  let seed = 20_261_127
  return (below) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return seed % below
  }
}

/** A name; few names are borne by many. */
function nameOf(next: (below: number) => number, kinds: number): string {
  let rank = Math.floor(kinds * (next(1_000_000) / 1_000_000) ** 3)
  let name = ''
  for (let i = 0; i < 2 || (rank > 0 && i < 5); i += 1) {
    name += SYLLABLES[rank % SYLLABLES.length]
    rank = Math.floor(rank / SYLLABLES.length)
  }
  return name
}

/** The extraction, zipped, and the names that people will look for. */
function sample(): { readonly zip: Buffer; readonly names: readonly string[]; readonly bytes: number } {
  const next = numbers()
  const names: string[] = []
  const lines = [HEADER.join('|')]
  for (let n = 0; n < ROWS; n += 1) {
    const [family, given, town] = [nameOf(next, 60_000), nameOf(next, 2_000), TOWNS[next(TOWNS.length)]!]
    const [code, job, special, speciality] = JOBS[next(JOBS.length)]!
    const isOrg = n % 7 === 0
    if (n % (ROWS / ASKS) < 1) names.push(family, `${given} ${family}`, `${family} ${town}`)
    lines.push(
      lineOf({
        'Type de BAL': isOrg ? 'ORG' : 'PER',
        'Adresse BAL': isOrg ? `service${n}@ch-${family}.mssante.test` : `${given}.${family}${n}@medecin.mssante.test`,
        'Identification nationale PP': isOrg ? '' : `8${10_000_000_000 + n}`,
        'Type identifiant structure': '1',
        'Identification Structure': String(440_000_000 + next(90_000)),
        "Nom d'exercice": isOrg ? '' : family.toUpperCase(),
        "Prénom d'exercice": isOrg ? '' : given,
        'Service de rattachement': isOrg ? `Service ${nameOf(next, 300)}` : '',
        'Code Profession': isOrg ? '' : code,
        'Libellé Profession': isOrg ? '' : job,
        'Code savoir-faire': isOrg ? '' : special,
        'Libellé savoir-faire': isOrg ? '' : speciality,
        'Raison Sociale structure BAL': `CENTRE HOSPITALIER ${nameOf(next, 4_000).toUpperCase()}`,
        'L6LIGNEACHEMINEMENT structure BAL': `44000 ${town.toUpperCase()}`,
        'Code postal structure BAL': '44000',
        'Département structure BAL': 'Loire-Atlantique',
      }),
    )
  }
  const text = Buffer.from(`${lines.join('\r\n')}\r\n`)
  const packed = deflateRawSync(text)
  const about = { method: 8, flags: 0, crc: 0, compressed: packed.length, size: text.length, name: 'extraction.txt' }
  return { zip: Buffer.concat([localHeader(about), packed]), names, bytes: text.length }
}

/** Calls the API as the operator does. */
export async function called(world: World, path: string, body?: Buffer | object): Promise<Record<string, unknown>> {
  const isBytes = Buffer.isBuffer(body)
  const response = await fetch(`http://127.0.0.1:${world.httpPort}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${OPERATOR_KEY}`,
      ...(body === undefined ? {} : { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isBytes ? new Uint8Array(body) : JSON.stringify(body) }),
  })
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Record<string, unknown>
}

/** Posts until `going` is over, in turns of two seconds; all latencies. */
export async function posting(world: World, going: () => boolean): Promise<number[]> {
  const latencies: number[] = []
  while (going()) {
    const run = await postFor({
      ...{ port: world.mllpPort, connections: 8, facilities: FACILITIES, seconds: 2, warmSeconds: 0, rate: RATE },
    })
    if (run.refused > 0) throw new Error(`${run.refused} messages were refused`)
    latencies.push(...run.latencies)
  }
  return latencies
}

interface Completions {
  readonly waits: readonly number[]
  /** Of a hundred. */
  readonly found: number
}

/** Types the first letters of these names, as the page does. */
async function completing(world: World, names: readonly string[]): Promise<Completions> {
  const waits: number[] = []
  let found = 0
  for (const name of names) {
    const letters = name.slice(0, 3 + (waits.length % 6))
    const began = performance.now()
    const { addresses } = await called(world, `${API}/complete`, { words: letters })
    waits.push(performance.now() - began)
    if ((addresses as unknown[]).length > 0) found += 1
  }
  return { waits, found: (100 * found) / waits.length }
}

/** The figures of the directory. */
export async function benchDirectory(): Promise<Figure[]> {
  const { zip, names, bytes } = sample()
  const world = await benchWorld()
  try {
    const gateway = await world.start()
    let rounds = 0
    const before = await posting(world, () => rounds++ < 3)
    const taken: number[] = []
    const meanwhile: number[] = []
    // Behind the first import nothing is left to do; behind the second the entries of the first are taken away.
    const completions: Completions[] = []
    for (const round of ['first', 'over another']) {
      const began = performance.now()
      await called(world, `${API}/import?name=bench_202611270300.zip`, zip)
      let over = false
      const watching = (async () => {
        for (;;) {
          await new Promise((resolve) => setTimeout(resolve, 250))
          const { running, current } = await called(world, `${API}/state`)
          if (running !== null) continue
          over = true
          return (current as { readonly rows: number } | null)?.rows
        }
      })()
      meanwhile.push(...(await posting(world, () => !over)))
      const rows = await watching
      taken.push((performance.now() - began) / 1_000)
      if (rows !== ROWS) throw new Error(`${round}: ${rows} rows are in use`)
      completions.push(await completing(world, names))
      console.error(
        `  ${round}: ${taken.at(-1)!.toFixed(1)} s, resident at most ${Math.round(gateway.memory().peak / MIB)} MiB`,
      )
    }
    const { peak } = gateway.memory()
    const [still, busy] = completions
    return [
      { name: 'Directory, file unpacked', value: bytes / 1e6, unit: 'MB' },
      { name: 'Directory of 535,000 rows, imported', value: taken[0]!, unit: 's' },
      { name: 'the same over another one', value: taken[1]!, unit: 's' },
      atMost('the same, memory of the whole gateway at most', peak / MIB, 'MiB', 300),
      { name: `messages at ${RATE}/s before: p99`, value: quantile(before, 0.99), unit: 'ms' },
      { name: `messages at ${RATE}/s meanwhile: p50`, value: quantile(meanwhile, 0.5), unit: 'ms' },
      atMost(`messages at ${RATE}/s meanwhile: p99`, quantile(meanwhile, 0.99), 'ms', 200),
      { name: `messages at ${RATE}/s meanwhile: longest`, value: Math.max(...meanwhile), unit: 'ms' },
      { name: 'completions that found something', value: still!.found, unit: '%' },
      { name: 'completion: p50', value: quantile(still!.waits, 0.5), unit: 'ms' },
      atMost('completion: p99', quantile(still!.waits, 0.99), 'ms', 50),
      { name: 'completion, while old entries are taken away: p50', value: quantile(busy!.waits, 0.5), unit: 'ms' },
      { name: 'completion, while old entries are taken away: p99', value: quantile(busy!.waits, 0.99), unit: 'ms' },
    ]
  } finally {
    await world.close()
  }
}
