import type { Config } from '../../core/config.ts'
import type { MailboxCommands } from '../../core/mailboxes.ts'
import { ROLES } from '../../core/roles.ts'
import { demoIdentifier, demoName } from '../sign-in/demo.ts'

/**
 * Gives each demo person whose role reads mail an invented mailbox, in the first domain whose mail is kept here; once given it
 * stays as people change it. Nothing without the demo, or where the region is no mail operator. */
export async function giveDemoMailboxes(config: Config, commands: Pick<MailboxCommands, 'create'>): Promise<void> {
  const domains = [...(config.mail?.operator?.domains.values() ?? [])]
  const domain = domains.find(({ store }) => store.kind === 'maildir')
  if (config.signIn?.demo !== true || domain === undefined) return
  for (const role of ROLES) {
    const owner = demoIdentifier(demoName(role))
    if (owner === null) continue
    const nothing = { establishment: null, entity: null, responsible: null, service: null, description: null }
    const name = `_Demo_${role.toUpperCase()}_Fictif`
    const box = { ...nothing, kind: 'PER' as const, name, owner, redList: true, quota: null, certificate: null }
    const act = { who: 'gateway', why: 'demo', reach: null }
    // One that is there already is refused.
    await commands.create({ ...box, address: `${demoName(role)}@${domain.name}` }, act)
  }
}
