import type { Config } from '../../core/config.ts'
import type { MailboxCommands, NewMailbox } from '../../core/mailboxes.ts'
import { ROLES } from '../../core/roles.ts'
import { demoGrants, demoIdentifier, demoName } from '../sign-in/demo.ts'

/** Local part of the mailbox of a team that demo people share. */
export const DEMO_TEAM = 'secretariat.neurologie'
/** Roles that it is delegated to. */
const TEAM = ['secretariat', 'requester'] as const
/** A number that a structure gave, so that it is nobody's. */
const CABINET_OWNER = '3530000000/DEMO-CABINET'

/**
 * Gives each demo person whose role reads mail an invented mailbox, in the domain of their establishment or the first whose
 * mail is kept here, and there one of a team, one of a practice, and those that documents travel by; once given they stay as
 * people change them. Nothing without the demo, or where the region is no mail operator. */
export async function giveDemoMailboxes(
  config: Config,
  commands: Pick<MailboxCommands, 'create' | 'delegate'>,
): Promise<void> {
  const { operator } = config.mail ?? {}
  const domains = [...(operator?.domains.values() ?? [])].filter(({ store }) => store.kind === 'maildir')
  const [first] = domains
  if (config.signIn?.demo !== true || operator === undefined || first === undefined) return
  const act = { who: 'gateway', why: 'demo', reach: null }
  for (const role of ROLES) {
    const owner = demoIdentifier(demoName(role))
    if (owner === null) continue
    const home = demoGrants(demoName(role), config)[0]?.reach.establishments?.[0]
    const { name } = domains.find(({ establishment }) => establishment === home) ?? first
    const box = { ...NOTHING, kind: 'PER' as const, name: `_Demo_${role.toUpperCase()}_Fictif`, owner }
    // One that is there already is refused.
    await commands.create({ ...box, redList: true, address: `${demoName(role)}@${name}` }, act)
  }
  const [team, practice] = others(first.name)
  await commands.create(practice, act)
  // Only once: what people take back stays so.
  if ((await commands.create(team, act)).ok) {
    for (const role of TEAM) await commands.delegate(team.address, demoIdentifier(demoName(role)) ?? '', act)
  }
  for (const { mailbox } of operator.documents.values()) {
    const box = { ...NOTHING, kind: 'APP' as const, name: 'Documents (fictif)', responsible: 'DSI (fictive)' }
    await commands.create({ ...box, redList: true, address: mailbox, service: 'Documents par courrier' }, act)
  }
}

const NOTHING = {
  ...{ establishment: null, entity: null, owner: null, responsible: null, service: null, description: null },
  ...{ redList: false, quota: null, certificate: null },
}

function others(domain: string): readonly [team: NewMailbox, practice: NewMailbox] {
  const team = { ...NOTHING, kind: 'ORG', name: 'Secrétariat de neurologie (fictif)' } as const
  const practice = { ...NOTHING, kind: 'CAB', name: 'Cabinet de la Mairie (fictif)' } as const
  return [
    {
      ...team,
      ...{ address: `${DEMO_TEAM}@${domain}`, responsible: 'Dr Claire MARTIN (fictive)', service: 'Neurologie' },
    },
    { ...practice, address: `cabinet.mairie@${domain}`, owner: CABINET_OWNER, description: 'Inventé' },
  ]
}
