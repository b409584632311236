import { encodeBinary } from '../../src/kserve/binary.js';

/** A request in the folder demo/ of ELS-RD/transformer-deploy. */
interface Demo {
  readonly task: string;
  readonly model: string;
  /** Name -> its one text. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly output: string;
  /** Of its JSON, as its clients say it in Inference-Header-Content-Length. */
  readonly jsonLength: number;
  /** Of the whole body. */
  readonly size: number;
  /** The JSON is spaced, as Python writes it. */
  readonly isSpaced: boolean;
}

export const DEMOS: readonly Demo[] = [
  {
    task: 'text-classification',
    model: 'transformer_onnx_inference',
    inputs: { TEXT: 'This live event is great. I will sign-up for Infinity.\n' },
    output: 'output',
    jsonLength: 161,
    size: 220,
    isSpaced: false,
  },
  {
    task: 'question-answering',
    model: 'transformer_onnx_inference',
    inputs: { QUESTION: 'Where do I live?', CONTEXT: 'My name is Wolfgang and I live in Berlin' },
    output: 'output',
    jsonLength: 276,
    size: 340,
    isSpaced: true,
  },
  {
    task: 'text2text-generation',
    model: 't5_model_generate',
    inputs: { TEXT: 'translate English to French: I was wrong' },
    output: 'OUTPUT_TEXT',
    jsonLength: 181,
    size: 225,
    isSpaced: true,
  },
];

/** JSON, then each text after its length. */
export function demoBody({ inputs, output, isSpaced }: Demo): { readonly body: Buffer; readonly jsonLength: number } {
  const tensors = Object.values(inputs).map(text => encodeBinary([new TextEncoder().encode(text)]));
  const described = Object.keys(inputs).map((name, index) => ({
    name,
    shape: [1],
    datatype: 'BYTES',
    parameters: { binary_data_size: tensors[index]!.length },
  }));
  const compact = JSON.stringify({
    inputs: described,
    outputs: [{ name: output, parameters: { binary_data: false } }],
  });
  const json = Buffer.from(isSpaced ? compact.replace(/[,:]/g, '$& ') : compact);
  return { body: Buffer.concat([json, ...tensors]), jsonLength: json.length };
}
