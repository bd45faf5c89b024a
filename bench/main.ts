/**
 * `npm run bench [-- --store postgres] [--only NAME] [--queued 1000000]`: the figures of the real process on real sockets with fsync on. Prints a table, writes
 * bench/out/bench.json. Nothing else should run on the machine meanwhile. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Figure, table } from './figure.ts'
import { benchIntake, benchIntakeAlone, benchOpenLoop } from './intake.ts'
import { benchLargeNodes, benchLargeRegion } from './large-region.ts'
import { benchFailOver, benchNodes, benchNodesOpenLoop, benchNodesQueued } from './postgres.ts'
import { benchMillion, benchRestart, benchUrgent } from './queue.ts'
import { benchSearch } from './search.ts'
import { benchViewers } from './viewers.ts'
import { benchDocuments, benchFhir, benchHl7OverHttp, benchLargeBundle, benchShare, benchTransaction } from './web.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    queued: { type: 'string', default: '1000000' },
    store: { type: 'string', default: 'file' },
  },
})
const queued = Number.parseInt(values.queued, 10)

type Bench = (tell: (line: string) => void) => Promise<Figure[]>

const EMBEDDED: Readonly<Record<string, Bench>> = {
  read: () => other('read.ts', 'benchRead'),
  rules: () => other('rules.ts', 'benchRules'),
  inside: () => other('inside.ts', 'benchInside'),
  validate: () => other('validate.ts', 'benchValidate'),
  journal: () => other('journal.ts', 'benchJournal'),
  audit: () => other('audit.ts', 'benchAudit'),
  'audit-search': () => other('audit-search.ts', 'benchAuditSearch'),
  search: benchSearch,
  viewers: benchViewers,
  console: () => other('console.ts', 'benchConsole'),
  intake: benchIntake,
  alone: benchIntakeAlone,
  open: benchOpenLoop,
  fhir: benchFhir,
  transaction: benchTransaction,
  hl7: benchHl7OverHttp,
  share: benchShare,
  documents: benchDocuments,
  bundle: benchLargeBundle,
  images: () => other('images.ts', 'benchImages'),
  whitelist: () => other('whitelist.ts', 'benchWhiteList'),
  mail: () => other('mail.ts', 'benchMail'),
  directory: () => other('directory.ts', 'benchDirectory'),
  structures: () => other('structures.ts', 'benchStructures'),
  conformity: () => other('conformity.ts', 'benchConformity'),
  'conformity-region': () => other('conformity-region.ts', 'benchConformityRegion'),
  counting: () => other('counting.ts', 'benchCounting'),
  cases: () => other('cases.ts', 'benchCases'),
  'case-form': () => other('case-form.ts', 'benchCaseForm'),
  'cases-intake': () => other('cases-intake.ts', 'benchCasesIntake'),
  'large-region': benchLargeRegion,
  urgent: benchUrgent,
  restart: benchRestart,
  million: (tell) => benchMillion(tell, queued),
}

const ON_POSTGRES: Readonly<Record<string, Bench>> = {
  nodes: benchNodes,
  open: benchNodesOpenLoop,
  failover: benchFailOver,
  'large-region': benchLargeNodes,
  million: (tell) => benchNodesQueued(tell, queued),
}
const BENCHES = values.store === 'postgres' ? ON_POSTGRES : EMBEDDED

/** A bench that stands in a file of its own and can be run alone. */
async function other(file: string, name: string): Promise<Figure[]> {
  const url = new URL(file, import.meta.url)
  if (!existsSync(url)) return []
  const module = (await import(url.href)) as Record<string, () => Promise<Figure[]>>
  return (await module[name]?.()) ?? []
}

const unknown = values.only?.filter((name) => !(name in BENCHES)) ?? []
if (unknown.length > 0) {
  console.error(`no bench named ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`)
  process.exit(2)
}

const all: Figure[] = []
for (const [name, bench] of Object.entries(BENCHES)) {
  if (values.only && !values.only.includes(name)) continue
  console.error(`${name} …`)
  all.push(...(await bench((line) => console.error(`  ${line}`))))
}
console.log(table(all))

const out = fileURLToPath(new URL('out/', import.meta.url))
mkdirSync(out, { recursive: true })
const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, node: process.versions.node }
writeFileSync(
  `${out}bench.json`,
  `${JSON.stringify({ at: new Date().toISOString(), machine, figures: all }, null, 2)}\n`,
)
process.exitCode = all.some((figure) => figure.ok === false) ? 1 : 0
