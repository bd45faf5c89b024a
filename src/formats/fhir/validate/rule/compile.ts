/**
 * The common part of FHIRPath compiled to closures over JSON as it was read: members, choices, comparisons of texts and
 * numbers, logic, and the functions that rules of profiles use. It is some fifty times faster than the engine, whose own
 * parser reads the expression; what it cannot say with certainty is left to the engine. Pure. */
import {
  boolean,
  chosen,
  distinct,
  type Eval,
  equal,
  member,
  NONE,
  nameFor,
  numberOf,
  type Scope,
  spend,
  truth,
  Unsure,
  type Values,
} from './collection.ts'
import { type Call, FUNCTIONS } from './functions.ts'

/** A node of the engine's syntax tree. */
export interface Syntax {
  readonly type: string
  readonly text?: string
  readonly children?: readonly Syntax[]
}

/** Thrown inside, never out: the expression has something that is not compiled here. */
class Foreign extends Error {}

/** Compiles an expression, or gives null when it has something that only the engine knows. */
export function compileRule(syntax: Syntax): Eval | null {
  try {
    return compile(syntax)
  } catch (fault) {
    if (fault instanceof Foreign) return null
    throw fault
  }
}

function compile(node: Syntax): Eval {
  const make = Object.hasOwn(NODES, node.type) ? NODES[node.type] : undefined
  if (make === undefined) throw new Foreign()
  return make(node)
}

const inner = ({ children = [] }: Syntax, i = 0): Syntax => children[i] ?? foreign()
const foreign = (): never => {
  throw new Foreign()
}
const only = (node: Syntax): Eval => (node.children?.length === 1 ? compile(node.children[0]!) : foreign())

/** Names as they are written, without back quotes. */
const nameOf = (text = ''): string => (text.startsWith('`') ? text.slice(1, -1) : text)

const NODES: Readonly<Record<string, (node: Syntax) => Eval>> = {
  EntireExpression: only,
  TermExpression: only,
  ParenthesizedTerm: only,
  InvocationTerm: only,
  LiteralTerm: only,
  ThisInvocation: () => (scope) => scope.focus,
  TotalInvocation: () => (scope) => scope.total,
  StringLiteral: ({ text = '' }) => constant([stringOf(text)]),
  NumberLiteral: ({ text = '' }) => constant([Number(text)]),
  BooleanLiteral: ({ text }) => constant([text === 'true']),
  NullLiteral: () => constant(NONE),
  PolarityExpression: (node) => {
    const value = only(node)
    const sign = node.text === '-' ? -1 : 1
    return (scope) => {
      const number = numberOf(value(scope))
      return number === null ? NONE : [sign * number]
    }
  },
  ExternalConstantTerm: ({ text, children }) => external(text ?? children?.[0]?.text ?? ''),
  MemberInvocation: (node) => headMember(nameOf(inner(node).text ?? node.text)),
  FunctionInvocation: (node) => called((scope) => scope.focus, node),
  InvocationExpression: (node) => invoked(inner(node, 0), inner(node, 1)),
  IndexerExpression: (node) => {
    const [values, index] = [compile(inner(node, 0)), compile(inner(node, 1))]
    return (scope) => {
      const at = numberOf(index(scope))
      return at === null ? NONE : values(scope).slice(at, at + 1)
    }
  },
  EqualityExpression: equality,
  InequalityExpression: inequality,
  MembershipExpression: membership,
  UnionExpression: (node) => {
    const [one, other] = pair(node)
    return (scope) => distinct([...one(scope), ...other(scope)])
  },
  AdditiveExpression: additive,
  AndExpression: (node) => {
    const [one, other] = pair(node)
    return (scope) => {
      const left = boolean(one(scope))
      if (left === false) return truth(false)
      const right = boolean(other(scope))
      return truth(right === false ? false : left === null || right === null ? null : true)
    }
  },
  OrExpression: (node) => {
    const [one, other] = pair(node)
    const exclusive = node.text === 'xor'
    return (scope) => {
      const left = boolean(one(scope))
      if (left === true && !exclusive) return truth(true)
      const right = boolean(other(scope))
      if (exclusive) return truth(left === null || right === null ? null : left !== right)
      return truth(right === true ? true : left === null || right === null ? null : false)
    }
  },
  ImpliesExpression: (node) => {
    const [one, other] = pair(node)
    return (scope) => {
      const left = boolean(one(scope))
      if (left === false) return truth(true)
      const right = boolean(other(scope))
      return truth(right === true ? true : left === null ? null : right)
    }
  },
}

function passed(scope: Scope, values: Values): Values {
  spend(scope, values.length)
  return values
}

const constant =
  (values: Values): Eval =>
  () =>
    values
const pair = (node: Syntax): readonly [Eval, Eval] => [compile(inner(node, 0)), compile(inner(node, 1))]

/** A text between quotes; of its escapes, those that need no thought. */
function stringOf(text: string): string {
  const body = text.slice(1, -1)
  return body.replace(/\\(.)/g, (_whole, escaped: string) => {
    if (escaped === 'u' || escaped === 'f') return foreign()
    return { n: '\n', r: '\r', t: '\t' }[escaped] ?? escaped
  })
}

function external(name: string): Eval {
  const bare = nameOf(name.replace(/^%/, ''))
  if (bare === 'resource') return ({ around }) => [around.resource as never]
  if (bare === 'rootResource') return ({ around }) => [around.rootResource as never]
  if (bare === 'ucum') return constant(['http://unitsofmeasure.org'])
  return foreign()
}

/** A name at the head of a path: a member, or the type that the focus itself is of. */
function headMember(name: string): Eval {
  const asked = nameFor(name)
  if (!/^[A-Z]/.test(name)) return (scope) => passed(scope, member(scope.focus, asked))
  return ({ focus }) => {
    const [value] = focus
    if (focus.length !== 1 || typeof value !== 'object' || value === null || !('resourceType' in value))
      throw new Unsure()
    if (value['resourceType'] !== name) throw new Unsure()
    return focus
  }
}

function invoked(before: Syntax, step: Syntax): Eval {
  // The type of a choice stands in its name.
  const type = step.text === 'ofType' || step.text === 'as' ? typeArgument(step) : null
  if (type !== null) {
    const owner = choiceOwner(before)
    return (scope) => passed(scope, chosen(owner.values(scope), owner.name, type))
  }
  const values = compile(before)
  if (step.type === 'MemberInvocation') {
    const name = nameFor(nameOf(inner(step).text ?? step.text))
    return (scope) => passed(scope, member(values(scope), name))
  }
  return step.type === 'FunctionInvocation' ? called(values, step) : foreign()
}

function choiceOwner(node: Syntax): { readonly values: Eval; readonly name: string } {
  if (node.type === 'InvocationExpression') {
    const step = inner(node, 1)
    if (step.type !== 'MemberInvocation') return foreign()
    return { values: compile(inner(node, 0)), name: nameOf(inner(step).text ?? step.text) }
  }
  const term = node.type === 'TermExpression' ? inner(inner(node)) : foreign()
  if (term.type !== 'MemberInvocation') return foreign()
  return { values: (scope: Scope) => scope.focus, name: nameOf(inner(term).text ?? term.text) }
}

function typeArgument(step: Syntax): string | null {
  const [argument] = argumentsOf(step)
  return argument === undefined || !/^[A-Za-z][A-Za-z0-9]*$/.test(argument.text ?? '') ? foreign() : argument.text!
}

function argumentsOf(node: Syntax): readonly Syntax[] {
  const list = inner(node).children?.find(({ type }) => type === 'ParamList')
  return list?.children ?? []
}

function called(values: Eval, node: Syntax): Eval {
  const name = nameOf(inner(inner(node)).text)
  const make = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined
  if (make === undefined) return foreign()
  const call: Call | null = make(argumentsOf(node).map(compile))
  if (call === null) return foreign()
  return (scope) => call(values(scope), scope)
}

/** A literal, or a list of them: nothing in it is a date. */
function isLiteral(node: Syntax): boolean {
  if (node.type === 'StringLiteral' || node.type === 'NumberLiteral' || node.type === 'BooleanLiteral') return true
  const passes = ['EntireExpression', 'TermExpression', 'LiteralTerm', 'ParenthesizedTerm', 'UnionExpression']
  return passes.includes(node.type) && (node.children?.length ?? 0) > 0 && node.children!.every(isLiteral)
}

function equality(node: Syntax): Eval {
  if (node.text !== '=' && node.text !== '!=') return foreign()
  const [one, other] = pair(node)
  const literal = isLiteral(inner(node, 0)) || isLiteral(inner(node, 1))
  const wanted = node.text === '='
  return (scope) => {
    const [left, right] = [one(scope), other(scope)]
    if (left.length === 0 || right.length === 0) return NONE
    const same = left.length === right.length && left.every((value, i) => equal(value, right[i]!, literal))
    return truth(same === wanted)
  }
}

function inequality(node: Syntax): Eval {
  const [one, other] = pair(node)
  const operators: Readonly<Record<string, (left: number, right: number) => boolean>> = {
    '<': (left, right) => left < right,
    '<=': (left, right) => left <= right,
    '>': (left, right) => left > right,
    '>=': (left, right) => left >= right,
  }
  const holds = operators[node.text ?? ''] ?? foreign()
  return (scope) => {
    const [left, right] = [numberOf(one(scope)), numberOf(other(scope))]
    return left === null || right === null ? NONE : truth(holds(left, right))
  }
}

function membership(node: Syntax): Eval {
  if (node.text !== 'in') return foreign()
  const [one, other] = pair(node)
  const literal = isLiteral(inner(node, 1))
  return (scope) => {
    const left = one(scope)
    if (left.length === 0) return NONE
    if (left.length > 1) throw new Unsure()
    return truth(other(scope).some((value) => equal(left[0]!, value, literal)))
  }
}

/** Sums of whole numbers: those of fractions are the engine's. */
function additive(node: Syntax): Eval {
  if (node.text !== '+' && node.text !== '-') return foreign()
  const [one, other] = pair(node)
  const sign = node.text === '+' ? 1 : -1
  return (scope) => {
    const [left, right] = [numberOf(one(scope)), numberOf(other(scope))]
    if (left === null || right === null) return NONE
    if (!Number.isSafeInteger(left) || !Number.isSafeInteger(right)) throw new Unsure()
    return [left + sign * right]
  }
}
