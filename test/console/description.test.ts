import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { backupPlugin } from '../../src/console/backup.ts'
import { fhirPlugin } from '../../src/entrances/fhir/fhir.ts'
import { hl7Plugin } from '../../src/entrances/http/hl7.ts'
import { tokenPlugin } from '../../src/entrances/http/token-endpoint.ts'
import { accessTokens } from '../../src/entrances/http/tokens.ts'
import { realClock as clock } from '../support/peers/clock.ts'
import { readsOver } from '../support/peers/fhir-door.ts'
import { acceptAll } from '../support/peers/messages.ts'
import { notebook } from '../support/peers/notebook.ts'
import { delivery, intake, type Running, startConsole } from './gateway.ts'
import { someConfig } from './region.ts'

interface Operation {
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly responses: Record<string, { content?: Record<string, { schema: object }> }>
}
interface OpenApi {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
}

async function wholeDoor(): Promise<Running & { readonly api: OpenApi }> {
  const secret = Buffer.alloc(32)
  const { log, meter } = notebook()
  const parts = { accept: acceptAll, clock, log, meter }
  const never = async () => {
    throw new Error('not asked for in this test')
  }
  const token = { config: someConfig, useOnce: never, nowMs: () => 0, tokens: accessTokens(secret, clock), log }
  const none = { state: 'none', file: null, done: 0, total: 0, messages: 0, mails: 0, images: 0, code: null } as const
  const plugins = [
    hl7Plugin(parts),
    fhirPlugin({ ...parts, reads: readsOver([]), secret, version: '1.2.3' }),
    tokenPlugin(token),
    backupPlugin({ begin: never, state: () => none }),
  ]
  const running = await startConsole({ plugins })
  return { ...running, api: (await running.call('/openapi.json')).json as OpenApi }
}

const operationsOf = ({ paths }: OpenApi): [name: string, Operation][] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  )

test('the description is OpenAPI 3.1 and tells of every address what it does and answers', async () => {
  const { api } = await wholeDoor()
  expect(api.openapi).toBe('3.1.0')
  const operations = operationsOf(api)
  const names = operations.map(([name]) => name)
  expect(names).toEqual(
    expect.arrayContaining([
      ...['GET /healthz', 'GET /api/messages/{id}', 'POST /hl7', 'POST /oauth/token', 'POST /api/config/apply'],
      ...['GET /fhir/metadata', 'POST /fhir', 'PATCH /fhir/{type}/{id}', 'GET /fhir/{type}/{id}/_history/{version}'],
    ]),
  )
  const bare = operations.filter(([, { summary, tags, responses }]) => {
    const good = Object.keys(responses).some((status) => /^2/.test(status))
    return summary === undefined || tags === undefined || !good
  })
  expect(bare.map(([name]) => name)).toEqual([])
})

test('the same for people: a page with every address and no script', async () => {
  const { call, api } = await wholeDoor()
  for (const [language, title] of [
    ['fr', 'Adresses HTTP'],
    ['en', 'HTTP addresses'],
  ]) {
    const { text, headers } = await call(`/docs?lang=${language}`)
    expect(headers.get('content-language')).toBe(language)
    expect(text).toContain(`<h1>${title}</h1>`)
    for (const path of Object.keys(api.paths)) expect(text).toContain(`<code>${path}</code>`)
    expect(text).not.toContain('<script')
  }
})

/** A schema under which what is not described is an error too. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  return 'properties' in inner ? { ...inner, additionalProperties: false } : inner
}

test('what is answered is what is described', async () => {
  const { call, api, journal } = await wholeDoor()
  const message = intake(journal, 'M1', {
    deliveries: [delivery('chu-angers/unv'), delivery('chu-angers/dpi', { state: 'poisoned', code: 'POISONED' })],
    findings: [{ code: 'ORDER_OVERTAKEN', class: 'form', at: 'PID-3' }],
  })
  await journal.commit([message])
  const ajv = new Ajv2020({ formats: { 'date-time': true } })
  const id = message.id
  const asked: [path: string, method: string, url: string, body?: object | undefined, status?: number][] = [
    ['/healthz', 'get', '/healthz'],
    ['/readyz', 'get', '/readyz'],
    ['/api/status', 'get', '/api/status'],
    ['/api/messages', 'get', '/api/messages'],
    ['/api/messages/search', 'post', '/api/messages/search', {}],
    ['/api/messages/{id}', 'get', `/api/messages/${id}`],
    ['/api/messages/{id}', 'get', '/api/messages/nothing', undefined, 404],
    ['/api/messages/{id}/replay', 'post', `/api/messages/${id}/replay`, { reason: 'test', dryRun: true }],
    ['/api/messages/{id}/replay', 'post', `/api/messages/${id}/replay`, {}, 400],
    ['/api/messages/replay', 'post', '/api/messages/replay', { reason: 'test', dryRun: true, filter: {} }],
    ['/api/deliveries/{id}/close', 'post', `/api/deliveries/${message.deliveries[1]?.id}/close`, { reason: 'test' }],
    ['/api/backup', 'get', '/api/backup'],
  ]
  for (const [path, method, url, body, status = 200] of asked) {
    const answer = await call(url, {
      key: 'demo-admin',
      method: method.toUpperCase(),
      ...(body === undefined ? {} : { body }),
    })
    expect([url, answer.status]).toEqual([url, status])
    const responses = api.paths[path]?.[method]?.responses ?? {}
    const { content = {} } = responses[status] ?? responses['default'] ?? {}
    const schema = Object.values(content)[0]?.schema
    expect([url, schema]).not.toEqual([url, undefined])
    const valid = ajv.validate(closed(schema) as object, answer.json)
    expect([url, valid, ajv.errors]).toEqual([url, true, null])
  }
})
