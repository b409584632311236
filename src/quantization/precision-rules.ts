import { elementsOf, isConstant } from '../graph/constants.js';
import { type Graph, type Node, nodesOf, type Value } from '../graph/graph.js';
import { intsOf } from '../graph/pass.js';
import { elementCount } from '../graph/tensor.js';
import type { FormatLimits, HalfFormat } from './half-formats.js';
import { FORMATS } from './half-formats.js';
import { type Masks, masksOf } from './mask-constants.js';
import { absoluteMaximum, type TensorRange } from './ranges.js';

/** What the rules look at. */
export interface Observed {
  /** undefined: the tensor was not observed. */
  rangeOf(value: Value): TensorRange | undefined;
  /** The largest magnitude of a weight; of constants whose bytes are in the graph it is not asked. */
  weightMaximum(value: Value): number;
}

/** Texts of users reach further than those of a calibration. */
const HEADROOM = 4;

/** Why a node has to compute in float32, by the tensor that shows it; undefined where it need not. */
export type Verdict = { readonly value: Value; readonly reason: string } | undefined;

/** The rules by which nodes stay in float32, for one graph. */
export class PrecisionRules {
  readonly masks: Masks;
  readonly #limits: FormatLimits;
  /** Values made of integers and constants alone: positions, angles, masks. */
  readonly #ofIntegers = new Set<Value>();
  /** Nodes whose result ends in a root, a logarithm or an exponential. */
  readonly #delicate = new Map<Node, string>();
  /** What computes the scores of a Softmax, from their product on -> those scores. */
  readonly #scoreNodes = new Map<Node, Value>();

  constructor(
    graph: Graph,
    private readonly format: HalfFormat,
    private readonly observed: Observed,
  ) {
    this.masks = masksOf(graph);
    this.#limits = FORMATS[format];
    for (const node of nodesOf(graph)) {
      if (this.#isOfIntegers(node)) for (const output of node.outputs) this.#ofIntegers.add(output);
      if (ROOTS.has(node.op)) this.#markDelicate(node, node.op);
      if (node.op === 'Softmax') this.#markScores(node);
    }
  }

  #isOfIntegers({ op, inputs }: Node): boolean {
    const floats = inputs.filter((input): input is Value => input !== undefined && isFloat(input));
    if (!floats.every(input => isConstant(input) || this.#ofIntegers.has(input))) return false;
    return FROM_INTEGERS.has(op) || floats.some(input => this.#ofIntegers.has(input));
  }

  /** The first rule that keeps a node in float32. */
  reasonFor(node: Node): Verdict {
    return (
      this.#unknown(node) ??
      this.#positions(node) ??
      this.#delicacy(node) ??
      this.#constants(node) ??
      this.#overflow(node) ??
      this.#underflow(node) ??
      this.#sums(node) ??
      this.#scores(node)
    );
  }

  /** Operators without a form for this format, and those that nothing is known of. */
  #unknown(node: Node): Verdict {
    const [value] = node.outputs;
    if (value === undefined) return undefined;
    if (node.domain !== '') return { value, reason: `nothing is known of operators of ${node.domain}` };
    if (Object.values(node.attributes).some(({ kind }) => kind === 'graph')) {
      return { value, reason: 'what runs under a condition stays as it is' };
    }
    return this.#limits.lacks.has(node.op) ? { value, reason: `${node.op} has no ${this.format}` } : undefined;
  }

  /** A position of 2049 is no float16; the angle of a rotation is a position times a number. */
  #positions(node: Node): Verdict {
    const value = node.outputs.find(output => isFloat(output) && this.#ofIntegers.has(output));
    return value && { value, reason: 'made of integers alone: positions, angles, masks' };
  }

  #delicacy(node: Node): Verdict {
    const reason = this.#delicate.get(node);
    return reason === undefined ? undefined : { value: node.outputs[0]!, reason };
  }

  #constants(node: Node): Verdict {
    for (const value of node.inputs) {
      if (!isConstant(value) || !isFloat(value) || this.masks.constants.has(value.tensor)) continue;
      const elements = elementsOf(value);
      const magnitudes = elements?.filter(x => x !== 0).map(Math.abs);
      const largest = magnitudes ? magnitudes.reduce((a, b) => Math.max(a, b), 0) : this.observed.weightMaximum(value);
      if (largest > this.#limits.largest) return { value, reason: `a constant reaches ${text(largest)}` };
      if (elements?.length !== 1 || magnitudes!.length === 0 || largest >= this.#limits.smallestNormal) continue;
      return { value, reason: `the constant ${text(elements[0]!)} is below what ${this.format} has` };
    }
    return undefined;
  }

  /** A factor of 4 is left for what no text of the calibration had. */
  #overflow(node: Node): Verdict {
    for (const value of valuesAt(node)) {
      const range = this.observed.rangeOf(value);
      if (range === undefined || this.#ofIntegers.has(value)) continue;
      const isMasked = this.masks.values.has(value);
      const largest = isMasked ? Math.abs(range.max) : absoluteMaximum(range);
      if (largest * HEADROOM > this.#limits.largest) return { value, reason: `|x| up to ${text(largest)}` };
      if (range.nonFinite > 0 && !isMasked) return { value, reason: 'it held NaN or infinity' };
    }
    return undefined;
  }

  /** Rounding costs a 16-bit tensor a fixed part of its largest value, but never less than half of the smallest number. */
  #underflow(node: Node): Verdict {
    for (const value of valuesAt(node)) {
      const range = this.observed.rangeOf(value);
      if (range === undefined) continue;
      const largest = absoluteMaximum(range);
      if (largest > 0 && largest < this.#limits.smallestNormal)
        return { value, reason: `|x| is at most ${text(largest)}` };
    }
    const divisor = node.op === 'Div' ? node.inputs[1] : undefined;
    const range = divisor && this.observed.rangeOf(divisor);
    if (range && range.smallestMagnitude > 0 && range.smallestMagnitude < this.#limits.smallestNormal) {
      return { value: divisor, reason: `a divisor, |x| down to ${text(range.smallestMagnitude)}` };
    }
    return undefined;
  }

  /** What is added up before anything divides it. */
  #sums(node: Node): Verdict {
    if (!SUMS.has(node.op)) return undefined;
    const [value] = node.inputs as [Value];
    const { shape } = value.type;
    const axes = intsOf(node, 'axes') ?? (isConstant(node.inputs[1]) ? [...(elementsOf(node.inputs[1]) ?? [])] : []);
    const reduced = (axes.length > 0 ? axes : shape.map((_, axis) => axis)).map(axis => shape.at(axis)!);
    const open = reduced.find(dim => typeof dim === 'string');
    if (open !== undefined) return { value, reason: `a sum of as many values as ${open} says` };
    const count = elementCount(reduced as number[]);
    const range = this.observed.rangeOf(value);
    if (range === undefined) return { value, reason: `a sum of ${count} values that were not observed` };
    const largest = absoluteMaximum(range) * count;
    return largest > this.#limits.largest
      ? { value, reason: `a sum of ${count} values of up to ${text(absoluteMaximum(range))}` }
      : undefined;
  }

  /** exp turns the rounding of a score into a relative error of its probability. */
  #scores(node: Node): Verdict {
    const value = this.#scoresAt(node);
    const largest = value && this.#largestScore(value);
    if (value === undefined || largest === undefined || largest * 2 ** -this.#limits.digits <= this.#limits.scoreError)
      return undefined;
    return {
      value,
      reason: `scores of a softmax up to ${text(largest)}: rounded to ${this.format} they are wrong by too much`,
    };
  }

  /** The Softmax that a node belongs to: itself, and what computes its scores from the product on. */
  #scoresAt(node: Node): Value | undefined {
    if (node.op === 'Softmax') return node.inputs[0];
    return this.#scoreNodes.get(node);
  }

  /** From a Softmax back to the products that its scores come from. */
  #markScores(softmax: Node): void {
    const scores = softmax.inputs[0]!;
    const stack: Value[] = [scores];
    while (stack.length > 0) {
      const value = stack.pop()!;
      if (value.kind !== 'output' || this.#ofIntegers.has(value) || this.#scoreNodes.has(value.node)) continue;
      this.#scoreNodes.set(value.node, scores);
      if (PRODUCTS.has(value.node.op)) continue;
      for (const input of value.node.inputs) if (input && isFloat(input)) stack.push(input);
    }
  }

  /** Of what is added up to the scores; with a mask in it, a sum says nothing of the scores' own size. */
  #largestScore(value: Value): number | undefined {
    const range = this.observed.rangeOf(value);
    if (!this.masks.values.has(value)) return range && absoluteMaximum(range);
    if (value.kind !== 'output') return undefined;
    const parts = value.node.inputs.filter(
      input => input !== undefined && isFloat(input) && !isConstant(input) && !this.#ofIntegers.has(input),
    );
    const known = parts.map(part => this.#largestScore(part!)).filter(part => part !== undefined);
    return Math.max(range ? Math.abs(range.max) : 0, ...known);
  }

  /** Squares, their mean and its root: back from the root to what was squared. */
  #markDelicate(root: Node, op: string): void {
    const stack = [root];
    while (stack.length > 0) {
      const node = stack.pop()!;
      if (this.#delicate.has(node)) continue;
      this.#delicate.set(node, DELICATE[op]!);
      for (const input of node.inputs) {
        if (input?.kind === 'output' && LEADS_TO_ROOT.has(input.node.op) && isSquareOrMean(input.node))
          stack.push(input.node);
      }
    }
  }
}

const DELICATE: Readonly<Record<string, string>> = {
  Sqrt: 'squares and the root of their mean: the square of x has twice its exponent',
  Reciprocal: 'a reciprocal: what is small becomes large',
  ReduceL2: 'the root of a sum of squares: the square of x has twice its exponent',
  ReduceSumSquare: 'a sum of squares: the square of x has twice its exponent',
  Log: 'a logarithm: what is near 0 or 1 decides',
  Exp: 'an exponential: the rounding of x becomes a relative error',
};
/** Makes floats of what are none. */
const FROM_INTEGERS: ReadonlySet<string> = new Set(['Cast', 'ConstantOfShape', 'EyeLike', 'OneHot', 'Range', 'Where']);
const ROOTS: ReadonlySet<string> = new Set(Object.keys(DELICATE));
const LEADS_TO_ROOT: ReadonlySet<string> = new Set(['Add', 'Max', 'Clip', 'ReduceMean', 'ReduceSum', 'Pow', 'Mul']);
const SUMS: ReadonlySet<string> = new Set(['ReduceMean', 'ReduceSum', 'CumSum']);
const PRODUCTS: ReadonlySet<string> = new Set(['MatMul', 'Gemm']);

/** x · x or x²; a mean; an epsilon or a bound on the way. */
function isSquareOrMean({ op, inputs }: Node): boolean {
  if (op === 'Mul') return inputs[0] === inputs[1];
  return op.startsWith('Reduce') || op === 'Pow' || isConstant(inputs[1]) || isConstant(inputs[0]);
}

export const isFloat = (value: Value): boolean => value.type.dtype === 'float32';

/** The float tensors that a node reads and makes; weights are looked at elsewhere. */
const valuesAt = (node: Node): readonly Value[] =>
  [...node.inputs, ...node.outputs].filter(
    (value): value is Value => value !== undefined && isFloat(value) && !isConstant(value),
  );

/** Four digits are enough to see why. */
const text = (x: number): string => `${Number(x.toPrecision(4))}`;
