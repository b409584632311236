import {
  type Attribute,
  type Graph,
  type Input,
  type Node,
  remade,
  takeName,
  type Value,
  valuesReadBy,
} from './graph.js';
import { matched } from './match.js';
import { lenientOps, type Ops, patternOps } from './ops.js';
import { formatType } from './type-text.js';

export type Bound<V extends string> = { readonly [Name in V]: Value };

/** "Wherever `pattern` occurs, and nothing forbids it, put `replace` instead." */
export interface RewriteRule<V extends string = string> {
  readonly name: string;
  readonly variables: readonly V[];
  /**
   * Built with the same operators as a model: a small graph over the variables. A number or a list stands for a constant
   * of that content; an attribute that is not mentioned may have any value, one that is mentioned also matches as a
   * default. Add and Mul match both ways round.
   */
  pattern(op: Ops, variables: Bound<V>): Value;
  /** Says why the rule must not fire here, or nothing. */
  unless?(bound: Bound<V>, matched: Value): string | undefined;
  /** Of the same dtype and rank as what it stands for. `matched` is the value that the pattern equals. */
  replace(op: Ops, bound: Bound<V>, matched: Value): Value;
}

/** Keeps the names of the variables while it is written; a misspelt one does not compile. */
export const rule = <const V extends string>(written: RewriteRule<V>): RewriteRule =>
  // The driver binds exactly the variables that the rule lists.
  written as unknown as RewriteRule;

export interface RewriteReport {
  /** How often each rule fired; a rule that never did is absent. */
  readonly fired: ReadonlyMap<string, number>;
  readonly refused: readonly Refusal[];
}

/** A place where a rule matched and was not allowed to fire. */
export interface Refusal {
  readonly rule: string;
  /** Path of the node at the root of the match. */
  readonly path: string;
  readonly reason: string;
}

/**
 * Rewrites a graph once. It goes from the outputs to the inputs, so what only a match has read is never looked at, and
 * where two rules fit, the first in the list wins. Each value is visited once: linear in the size of the graph.
 * The same graph comes back, by identity, when no rule fired; so does every node above which nothing changed.
 */
export function rewrite(graph: Graph, rules: readonly RewriteRule[]): { graph: Graph; report: RewriteReport } {
  const rewriting = new Rewriting(rules.map(compiled));
  const rewritten = rewriting.graph(graph);
  return { graph: rewritten, report: { fired: rewriting.fired, refused: rewriting.refused } };
}

/**
 * Rewrites until no rule fires. Throws when `limit` rounds are not enough: then some rules undo each other, and the
 * message names those that still fire. Refusals are those of the last round.
 */
export function rewriteToFixpoint(
  graph: Graph,
  rules: readonly RewriteRule[],
  limit = 20,
): { graph: Graph; report: RewriteReport } {
  const fired = new Map<string, number>();
  let current = graph;
  for (let round = 0; round < limit; round++) {
    const { graph: next, report } = rewrite(current, rules);
    if (report.fired.size === 0) return { graph: next, report: { fired, refused: report.refused } };
    for (const [name, count] of report.fired) fired.set(name, (fired.get(name) ?? 0) + count);
    current = next;
  }
  const still = [...rewrite(current, rules).report.fired.keys()].join(', ');
  throw new Error(`internal error: after ${limit} rounds of rewriting, ${still} still fire: the rules do not converge`);
}

interface CompiledRule {
  readonly rule: RewriteRule;
  readonly variables: ReadonlyMap<Value, string>;
  readonly root: Value & { readonly kind: 'output' };
}

function compiled(written: RewriteRule): CompiledRule {
  const variables = Object.fromEntries(
    written.variables.map((name): [string, Input] => [
      name,
      { kind: 'input', name, type: { dtype: 'float32', shape: [] } },
    ]),
  );
  const root = written.pattern(patternOps, variables);
  if (root.kind !== 'output') throw new Error(`internal error: the pattern of ${written.name} has no operator`);
  return { rule: written, root, variables: new Map(Object.entries(variables).map(([name, value]) => [value, name])) };
}

/** What a value becomes: a match of a rule, or the same node over other inputs. */
interface Match {
  readonly rule: RewriteRule;
  readonly bound: ReadonlyMap<string, Value>;
}

class Rewriting {
  readonly fired = new Map<string, number>();
  readonly refused: Refusal[] = [];
  private readonly byRoot = new Map<string, CompiledRule[]>();
  /** Old value -> the value that stands for it. */
  private readonly current = new Map<Value, Value>();
  private readonly rebuilt = new Map<Node, Node>();
  private readonly matches = new Map<Value, Match | undefined>();
  private unknownDims = 0;

  constructor(rules: readonly CompiledRule[]) {
    for (const candidate of rules) {
      const key = rootKey(candidate.root.node.op, candidate.root.node.domain, candidate.root.index);
      const candidates = this.byRoot.get(key);
      if (candidates) candidates.push(candidate);
      else this.byRoot.set(key, [candidate]);
    }
  }

  graph(graph: Graph): Graph {
    const outputs = graph.outputs.map(output => {
      const value = this.value(output.value);
      return value === output.value ? output : { name: output.name, value };
    });
    return outputs.every((output, index) => output === graph.outputs[index]) ? graph : { ...graph, outputs };
  }

  /** Iterative: a deep model must not end in a stack overflow. */
  private value(wanted: Value): Value {
    const stack = [wanted];
    while (stack.length > 0) {
      const value = stack[stack.length - 1]!;
      if (value.kind !== 'output' || this.current.has(value)) {
        stack.pop();
        continue;
      }
      const match = this.matchAt(value);
      let waiting = false;
      for (const needed of match ? match.bound.values() : valuesReadBy(value.node)) {
        if (needed.kind !== 'output' || this.current.has(needed)) continue;
        stack.push(needed);
        waiting = true;
      }
      if (waiting) continue;
      stack.pop();
      this.current.set(value, match ? this.replaced(value, match) : this.node(value.node).outputs[value.index]!);
    }
    return this.now(wanted);
  }

  private now(value: Value): Value {
    return this.current.get(value) ?? value;
  }

  /** The first rule that matches at a value and may fire there. Asked for a value more than once, it answers the same. */
  private matchAt(value: Value & { readonly kind: 'output' }): Match | undefined {
    if (this.matches.has(value)) return this.matches.get(value);
    const found = this.findMatch(value);
    this.matches.set(value, found);
    return found;
  }

  private findMatch(value: Value & { readonly kind: 'output' }): Match | undefined {
    const { node, index } = value;
    for (const { rule: candidate, root, variables } of this.byRoot.get(rootKey(node.op, node.domain, index)) ?? []) {
      const bindings = matched(root, value, variables, new Map());
      if (!bindings) continue;
      const bound = new Map([...variables.values()].map(name => [name, bindings.get(name)!]));
      const missing = [...bound].find(([, found]) => found === undefined);
      if (missing) throw new Error(`internal error: the pattern of ${candidate.name} does not use ${missing[0]}`);
      const reason = candidate.unless?.(Object.fromEntries(bound), value);
      if (reason === undefined) return { rule: candidate, bound };
      this.refused.push({ rule: candidate.name, path: node.path, reason });
    }
    return undefined;
  }

  private replaced(value: Value & { readonly kind: 'output' }, { rule: fires, bound }: Match): Value {
    const { path } = value.node;
    const op = lenientOps(path, () => `${path}/unknown_${this.unknownDims++}`);
    const rewritten = Object.fromEntries([...bound].map(([name, found]) => [name, this.now(found)]));
    const replacement = fires.replace(op, rewritten, value);
    const [before, after] = [value.type, replacement.type];
    if (before.dtype !== after.dtype || before.shape.length !== after.shape.length) {
      throw new Error(
        `internal error: ${fires.name} at '${path}' replaces ${formatType(before)} by ${formatType(after)}`,
      );
    }
    takeName(replacement, value);
    this.fired.set(fires.name, (this.fired.get(fires.name) ?? 0) + 1);
    return replacement;
  }

  /** The node over the values that now stand for its inputs; itself where they are the same. */
  private node(node: Node): Node {
    const known = this.rebuilt.get(node);
    if (known) return known;
    let changed = false;
    const inputs = node.inputs.map(input => {
      const value = input && this.now(input);
      if (value !== input) changed = true;
      return value;
    });
    const attributes: Record<string, Attribute> = {};
    for (const [name, attribute] of Object.entries(node.attributes)) {
      const rewritten = attribute.kind === 'graph' ? this.branch(attribute) : attribute;
      if (rewritten !== attribute) changed = true;
      attributes[name] = rewritten;
    }
    const made = changed ? remade(node, { inputs, attributes }) : node;
    this.rebuilt.set(node, made);
    return made;
  }

  private branch(attribute: Attribute & { readonly kind: 'graph' }): Attribute {
    const value = this.graph(attribute.value);
    const captures = new Map([...attribute.captures].map(([inner, outer]) => [inner, this.now(outer)]));
    const same =
      value === attribute.value && [...captures].every(([inner, outer]) => attribute.captures.get(inner) === outer);
    return same ? attribute : { kind: 'graph', value, captures };
  }
}

const rootKey = (op: string, domain: string, index: number): string => `${domain}:${op}:${index}`;
