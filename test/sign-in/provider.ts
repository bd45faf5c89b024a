import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Provider } from '../../src/core/sign-in.ts'

/** An identity provider that runs. */
export interface RunningProvider {
  readonly issuer: string
  stop(): Promise<void>
}

/** Starts one whose client `passerelle` (secret `secret`) may come back to these addresses; it ends with the test. */
export async function startProvider(redirectUris: readonly string[]): Promise<RunningProvider> {
  const provider = await launchProvider(redirectUris)
  onTestFinished(provider.stop)
  return provider
}

/** The same; whoever calls stops it. */
export async function launchProvider(redirectUris: readonly string[]): Promise<RunningProvider> {
  const clients = [
    {
      client_id: 'passerelle',
      client_secret: 'secret',
      redirect_uris: redirectUris,
      token_endpoint_auth_method: 'client_secret_post',
    },
  ]
  const child = fork(fileURLToPath(new URL('./provider-process.ts', import.meta.url)), [], {
    env: { ...process.env, PROVIDER_CLIENTS: JSON.stringify(clients) },
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill()
    await exited
  }
  const first = child.stdout === null ? [''] : await Promise.race([once(child.stdout, 'data'), exited])
  return { issuer: String(first[0]).trim(), stop }
}

/** A provider of the configuration as the test process is one. */
export function providerOf(issuer: string, changes: Partial<Provider> = {}): Provider {
  return {
    id: 'psc',
    name: 'Pro Santé Connect',
    issuer,
    clientId: 'passerelle',
    clientSecret: 'secret',
    clientAuthentication: 'post',
    scopes: ['openid'],
    acrValues: [],
    signatures: ['RS256', 'ES256'],
    claims: { subject: 'SubjectNameID', name: ['given_name', 'family_name'] },
    userinfo: false,
    ...changes,
  }
}

/**
 * What a person does at the provider: opens the address, types a name, and is sent back. The answer is the address of ours
 * that the browser is sent to, which nobody has opened yet. */
export async function signInAt(issuer: string, address: string, login: string): Promise<string> {
  const cookies = new Map<string, string>()
  let url = address
  let form: URLSearchParams | null = null
  for (let steps = 0; steps < 10; steps++) {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
      ...(form === null ? {} : { method: 'POST', body: form }),
    })
    form = null
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    const text = await response.text()
    if (location !== null) {
      const to = new URL(location, url)
      if (to.origin !== issuer) return to.href
      url = to.href
      continue
    }
    const action = /<form[^>]* action="([^"]+)"/.exec(text)?.[1]
    if (action === undefined) throw new Error(`the provider answered ${response.status}: ${text.slice(0, 300)}`)
    url = new URL(action, url).href
    form = new URLSearchParams({ prompt: 'login', login, password: 'any' })
  }
  throw new Error('the provider sends round and round')
}
