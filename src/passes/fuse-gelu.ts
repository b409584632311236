import type { Value } from '../graph/graph.js';
import type { Ops } from '../graph/ops.js';
import { type Pass, rulePass } from '../graph/pass.js';
import { rule } from '../graph/rewrite.js';

type Form = (op: Ops, x: Value) => Value;

/** The argument of erf: divided by √2, or multiplied with its inverse. */
const ARGUMENTS: Readonly<Record<string, Form>> = {
  div: (op, x) => op.Div(x, Math.SQRT2),
  mul: (op, x) => op.Mul(x, Math.SQRT1_2),
};

/** The argument of tanh, with x³ as a power or as a product, or x outside of the sum. */
const TANH_ARGUMENTS: Readonly<Record<string, Form>> = {
  pow: (op, x) => op.Mul(op.Add(x, op.Mul(op.Pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI)),
  'mul of square': (op, x) => op.Mul(op.Add(x, op.Mul(op.Mul(op.Mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI)),
  factored: (op, x) => op.Mul(op.Mul(x, Math.sqrt(2 / Math.PI)), op.Add(op.Mul(op.Mul(x, 0.044715), x), 1)),
};

/** x · gate / 2, in the order that each exporter has. Add and Mul match both ways round. */
const PRODUCTS: Readonly<Record<string, (op: Ops, x: Value, gate: Value) => Value>> = {
  'half last': (op, x, gate) => op.Mul(op.Mul(x, gate), 0.5),
  'half first': (op, x, gate) => op.Mul(op.Mul(x, 0.5), gate),
  'half gate': (op, x, gate) => op.Mul(x, op.Mul(gate, 0.5)),
};

const rules = (
  name: string,
  functions: Readonly<Record<string, Form>>,
  bounded: (op: Ops, argument: Value) => Value,
  replace: Form,
) =>
  Object.entries(PRODUCTS).flatMap(([order, product]) =>
    Object.entries(functions).map(([form, argument]) =>
      rule({
        name: `${name} (${form}, ${order})`,
        variables: ['x'],
        pattern: (op, { x }) => product(op, x, op.Add(bounded(op, argument(op, x)), 1)),
        replace: (op, { x }) => replace(op, x),
      }),
    ),
  );

/**
 * The Gaussian error linear unit and its approximation by tanh as one operator each. Never one for the other: they
 * differ by up to 4e-4. The bias stays outside: for int8 it belongs to the product, and in fp32 the session moves it.
 */
export const fuseGelu: Pass = rulePass('fuse-gelu', [
  ...rules(
    'gelu',
    ARGUMENTS,
    (op, argument) => op.Erf(argument),
    (op, x) => op.Gelu(x),
  ),
  ...rules(
    'gelu-tanh',
    TANH_ARGUMENTS,
    (op, argument) => op.Tanh(argument),
    (op, x) => op.FastGelu(x),
  ),
]);
