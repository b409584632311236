import { type Attribute, type Graph, type Input, type Node, nodesOf, remade, takeName, type Value } from './graph.js';
import { type Refusal, type RewriteRule, rewrite } from './rewrite.js';

/** A named step from one graph to another that computes the same. */
export interface Pass {
  readonly name: string;
  run(graph: Graph): PassOutcome;
}

export interface PassOutcome {
  readonly graph: Graph;
  readonly fired: number;
  readonly refused: readonly Refusal[];
}

/** A pass of rules; each place is rewritten by the first that fits. */
export const rulePass = (name: string, rules: readonly RewriteRule[]): Pass => ({
  name,
  run(graph) {
    const { graph: rewritten, report } = rewrite(graph, rules);
    const fired = [...report.fired.values()].reduce((sum, count) => sum + count, 0);
    return { graph: rewritten, fired, refused: report.refused };
  },
});

/** What a visitor says of a node: the values that stand for its outputs from now on, why not, or nothing. */
export type Verdict = { readonly outputs: readonly Value[] } | { readonly refused: string } | undefined;

export const replaced = (...outputs: readonly Value[]): Verdict => ({ outputs });
export const refused = (reason: string): Verdict => ({ refused: reason });

/**
 * A pass that looks at every node once, producers first, so that a node's inputs are already rewritten when it is
 * visited; `original` is the node as it was in the given graph. For what a pattern cannot say: any number of inputs,
 * chains of any length, facts about the whole graph. A branch is a graph with a visitor of its own, and is rewritten
 * before the node that has it is visited.
 */
export function nodePass(name: string, visitorOf: (graph: Graph) => (node: Node, original: Node) => Verdict): Pass {
  const run = (graph: Graph): PassOutcome => {
    const current = new Map<Value, Value>();
    const now = (value: Value): Value => current.get(value) ?? value;
    const refusals: Refusal[] = [];
    let fired = 0;
    const branch = (inner: Graph): Graph => {
      const outcome = run(inner);
      fired += outcome.fired;
      refusals.push(...outcome.refused);
      return outcome.graph;
    };
    const visit = visitorOf(graph);
    for (const node of nodesOf(graph)) {
      const fresh = rebuilt(node, now, branch);
      const verdict = visit(fresh, node);
      if (verdict !== undefined && 'refused' in verdict) {
        refusals.push({ rule: name, path: node.path, reason: verdict.refused });
      }
      const outputs = verdict !== undefined && 'outputs' in verdict ? verdict.outputs : fresh.outputs;
      if (outputs !== fresh.outputs) fired++;
      for (const [index, output] of node.outputs.entries()) {
        const value = outputs[index] ?? output;
        takeName(value, output);
        current.set(output, value);
      }
    }
    const outputs = graph.outputs.map(({ name: output, value }) => ({ name: output, value: now(value) }));
    return { graph: fired === 0 ? graph : { inputs: graph.inputs, outputs }, fired, refused: refusals };
  };
  return { name, run };
}

/** The node over rewritten inputs, captures and branches; itself where nothing changed. */
function rebuilt(node: Node, now: (value: Value) => Value, branch: (graph: Graph) => Graph): Node {
  const inputs = node.inputs.map(input => input && now(input));
  let changed = inputs.some((input, index) => input !== node.inputs[index]);
  const attributes: Record<string, Attribute> = {};
  for (const [name, attribute] of Object.entries(node.attributes)) {
    attributes[name] = attribute;
    if (attribute.kind !== 'graph') continue;
    const value = branch(attribute.value);
    if (value !== attribute.value) changed = true;
    const captures = new Map<Input, Value>();
    for (const [inner, outer] of attribute.captures) {
      captures.set(inner, now(outer));
      if (now(outer) !== outer) changed = true;
    }
    attributes[name] = { ...attribute, value, captures };
  }
  if (!changed) return node;
  return remade(node, { inputs, attributes });
}

/** The node that makes `value`, if it is one of this operator. */
export function producer(value: Value | undefined, op: string, domain = ''): Node | undefined {
  if (value?.kind !== 'output' || value.index !== 0) return undefined;
  return value.node.op === op && value.node.domain === domain ? value.node : undefined;
}

export function intOf(node: Node, attribute: string, fallback: number): number {
  const found = node.attributes[attribute];
  return found?.kind === 'int' ? found.value : fallback;
}

export function intsOf(node: Node, attribute: string): readonly number[] | undefined {
  const found = node.attributes[attribute];
  return found?.kind === 'ints' ? found.value : undefined;
}
