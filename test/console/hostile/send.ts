/** Sends forms of a hostile world as people do who mean no good: each text in them an attack. */
import type { Page } from 'playwright-core'
import { attack } from './attacks.ts'
import type { Found } from './crawl.ts'
import { intrusions } from './visit.ts'

/** One form of a page, sent by one of its buttons. */
interface Step {
  /** Which form of the page, from 0. */
  readonly form: number
  /** Name and value of the button; empty: by none that has a name. */
  readonly button: readonly [name: string, value: string] | readonly []
  readonly action: string
  readonly method: string
  /** Form and button, the same for every page that has it. */
  readonly signature: string
}

/** What was sent so far, and what came of it. */
export interface Sent {
  /** Forms and buttons, once each. */
  readonly forms: Set<string>
  /** Pages whose forms were looked at: route and what it asks for. */
  readonly pages: Set<string>
  /** Paths that forms led to. */
  readonly led: Set<string>
  readonly bad: string[]
}

/** Nothing was sent yet. */
export function nothingSent(): Sent {
  return { forms: new Set(), pages: new Set(), led: new Set(), bad: [] }
}

/** A form that is answered with a page is followed so far: what is filled in, looked at, and done. */
const DEEPEST = 3

/** Sends what these pages ask for and nobody sent yet, and what the answers ask for in turn. Gives how many were sent. */
export async function sendAll(
  page: Page,
  go: (found: Found) => Promise<void>,
  pages: readonly Found[],
  sent: Sent,
): Promise<number> {
  const before = sent.forms.size
  for (const found of pages) {
    const asks = `${found.route} ${found.asks}`
    if (found.asks === '' || sent.pages.has(asks)) continue
    sent.pages.add(asks)
    await go(found)
    await sendHere(page, () => go(found), [found.route], sent)
  }
  return sent.forms.size - before
}

/** The page stands open; `again` opens it anew. `way`: its route, and the forms that led from there. */
async function sendHere(page: Page, again: () => Promise<void>, way: readonly string[], sent: Sent): Promise<void> {
  let isLeft = false
  for (const { signature } of await stepsOf(page)) {
    const name = `${way[0]} ${signature}`
    if (sent.forms.has(name)) continue
    if (isLeft) await again()
    const step = (await stepOf(page, signature)) ?? (await again().then(() => stepOf(page, signature)))
    // What was done meanwhile may have ended what this form is for.
    if (step === null) continue
    sent.forms.add(name)
    const salt = sent.forms.size
    const before = new URL(page.url()).pathname
    const answer = await sendHostile(page, step, salt)
    // Most acts lead back to where they were done.
    isLeft = answer !== 'elsewhere' || new URL(page.url()).pathname !== before
    sent.led.add(new URL(page.url()).pathname)
    const path = [...way, signature]
    sent.bad.push(...(await intrusions(page)).map((one) => `${path.join(' → ')}: ${one}`))
    if (answer !== 'answered' || way.length > DEEPEST) continue
    await sendHere(page, () => again().then(() => resend(page, signature, salt)), path, sent)
  }
}

async function resend(page: Page, signature: string, salt: number): Promise<void> {
  const step = await stepOf(page, signature)
  if (step !== null) await sendHostile(page, step, salt)
}

async function stepOf(page: Page, signature: string): Promise<Step | null> {
  return (await stepsOf(page)).find((one) => one.signature === signature) ?? null
}

/** A dialog has no address; a session that ends would make nobody of who looks. */
function isSent({ method, action }: Step): boolean {
  return method !== 'dialog' && !/deconnexion/.test(action)
}

/** What can be sent from the page as it is: each form by each of its buttons that has a name, or by none. */
async function stepsOf(page: Page): Promise<Step[]> {
  const steps = await page.evaluate<Step[]>(`[...document.forms].flatMap((form, number) => {
    const fields = [...form.elements]
    const named = fields.filter(({ type, name }) => type === 'submit' && name !== '')
    const action = new URL(form.getAttribute('action') ?? '', location.href).pathname
    const names = [...new Set(fields.map(({ name }) => name))].join(',')
    const ways = named.length === 0 || action === '/connexion/demo' ? [[]] : named.map(({ name, value }) => [name, value])
    return ways.map((button) => ({
      form: number,
      button,
      action,
      method: form.getAttribute('method') ?? 'get',
      signature: action.replace(/[0-9a-f-]{32,36}/, ':id') + ' ' + names + ' ' + button.join('='),
    }))
  })`)
  return steps.filter(isSent)
}

/**
 * Fills every text of a form with attacks and sends it, whatever the page itself would forbid. It is answered with a page,
 * leads elsewhere, or is refused or gives a file. */
async function sendHostile(
  page: Page,
  { form, button }: Step,
  salt: number,
): Promise<'answered' | 'elsewhere' | 'refused'> {
  const attacks = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => attack(n + salt))
  const [answer] = await Promise.all([
    // An export is a download, and leaves the page as it is.
    Promise.race([
      page.waitForNavigation().catch(() => null),
      page
        .waitForEvent('download')
        .then(() => null)
        .catch(() => null),
    ]),
    page.evaluate(
      `((number, [button, pressed], attacks) => {
        const form = document.forms[number]
        let n = 0
        for (const field of form.elements) {
          if (field instanceof HTMLSelectElement) {
            if (field.value === '') field.selectedIndex = field.options.length - 1
            continue
          }
          const typed = field instanceof HTMLTextAreaElement || ['text', 'search', 'email', 'url', 'tel'].includes(field.type)
          if (field.type === 'checkbox') field.checked = true
          if (field.type === 'number') field.value = field.min || '1'
          if (field.type === 'date') field.value = '2026-01-01'
          if (field.type === 'datetime-local') field.value = '2099-01-01T10:00'
          if (!typed || field.readOnly || field.pattern) continue
          const text = attacks[n++ % attacks.length]
          field.value = field.maxLength > 0 ? text.slice(0, field.maxLength) : text
        }
        if (button) {
          form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: button, value: pressed }))
        }
        HTMLFormElement.prototype.submit.call(form)
      })(${form}, ${JSON.stringify(button)}, ${JSON.stringify(attacks)})`,
    ),
  ])
  if (answer?.ok() !== true) return 'refused'
  return answer.request().method() === 'POST' ? 'answered' : 'elsewhere'
}
