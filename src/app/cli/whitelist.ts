import { type Call, type Command, OPTIONS, ProblemError, plain, text, UsageError } from './command.ts'
import { textIn } from './input.ts'

const USAGE = 'passerelle whitelist show | explain DOMAIN | verify FILE | publish DIR'

/** `whitelist`: the list of operators of the trust space: the one in use, a file of one, or a lab's own. */
export const whitelistCommand: Command = {
  name: 'whitelist',
  positionals: ['show|explain|verify|publish', '[DOMAIN|FILE|DIR]'],
  summary: {
    en: 'shows the white list of mail operators, explains a domain, verifies a list or signs one for a lab',
    fr: 'montre la liste blanche des opérateurs, explique un domaine, vérifie une liste ou en signe une de laboratoire',
  },
  options: {
    region: OPTIONS.region,
    store: OPTIONS.store,
    url: OPTIONS.url,
    file: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'show, explain: this list instead of the one in use',
        fr: 'show, explain : cette liste plutôt que celle en service',
      },
    },
    ca: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'authorities of the signer (default: region file)',
        fr: 'autorités du signataire (défaut : fichier de région)',
      },
    },
    issuer: {
      type: 'string',
      value: 'DN',
      help: {
        en: 'with --ca: who issued the signer’s certificate',
        fr: 'avec --ca : émetteur du certificat du signataire',
      },
    },
    signer: {
      type: 'string',
      value: 'CN',
      help: { en: 'with --ca: CN of the signer', fr: 'avec --ca : CN du signataire' },
    },
    rows: {
      type: 'string',
      value: 'FILE',
      help: { en: 'publish: rows as YAML or CSV', fr: 'publish : lignes en YAML ou CSV' },
    },
  },
  async run(call) {
    const [what = '', about] = call.positionals
    const needsOne = what === 'explain' || what === 'verify' || what === 'publish'
    if ((!needsOne && what !== 'show') || needsOne !== (about !== undefined)) throw new UsageError(USAGE)
    if (what === 'publish') return publish(about!, call)
    const { explainDomain, showList, verifyFile } = await import('./whitelist-read.ts')
    if (what === 'verify') return verifyFile(about!, call)
    return what === 'show' ? showList(call) : explainDomain(about!, call)
  },
}

async function publish(dir: string, call: Call): Promise<number> {
  const [{ publishLab }, { LAB_ROWS, readRows }] = await Promise.all([
    import('../white-list/lab.ts'),
    import('../white-list/rows-file.ts'),
  ])
  const file = text(call, 'rows')
  try {
    const rows = file === undefined ? LAB_ROWS : readRows(await textIn(file, call))
    const made = await publishLab(dir, rows, Date.now())
    if (call.json) call.io.out(`${JSON.stringify(made)}\n`)
    else {
      for (const path of [made.list, made.ca, ...made.operators.map(({ cert }) => cert)])
        call.io.out(`${plain(path)}\n`)
    }
    return 0
  } catch (fault) {
    if (fault instanceof RangeError) throw new ProblemError(plain(fault.message))
    throw fault
  }
}
