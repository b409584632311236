import type { InferResult } from '../client/client.js';
import type { ModelStatistics } from '../client/messages.js';
import { type Nested, toNested } from '../client/tensors.js';
import type { WireTensor } from '../kserve/datatypes.js';
import { jsonText } from '../kserve/json-text.js';

/** An answer as one line of JSON, members by the protocol's names. */
export const resultJson = ({ modelName, modelVersion, id, parameters, outputs }: InferResult): string =>
  jsonText({
    model_name: modelName,
    model_version: modelVersion,
    id,
    parameters: Object.keys(parameters).length > 0 ? parameters : undefined,
    outputs: Object.values(outputs).map(output => ({
      name: output.name,
      datatype: output.datatype,
      shape: output.shape,
      data: toNested(output),
    })),
  });

/** For people: a line for each output and row. */
export const resultText = ({ outputs }: InferResult): string =>
  Object.values(outputs)
    .flatMap(output => rowsOf(output).map(row => `${output.name}  ${row}\n`))
    .join('');

/** More elements of a row than this are not read by anybody. */
const MOST_ELEMENTS = 16;

function rowsOf(tensor: WireTensor): string[] {
  const nested = toNested(tensor);
  const rows: readonly Nested[] = Array.isArray(nested) && tensor.shape.length > 1 ? nested : [nested];
  return rows.map(row => {
    const elements: readonly unknown[] = Array.isArray(row) ? row.flat(Number.POSITIVE_INFINITY) : [row];
    const shown = elements.slice(0, MOST_ELEMENTS).map(elementText).join('  ');
    const left = elements.length - MOST_ELEMENTS;
    return left > 0 ? `${shown}  … ${left} more` : shown;
  });
}

const elementText = (element: unknown): string =>
  typeof element === 'number' && !Number.isInteger(element) ? String(Number(element.toPrecision(6))) : String(element);

/** A table: requests, and the mean time of each part of one. */
export function statisticsText(models: readonly ModelStatistics[]): string {
  const head = [
    'model',
    'version',
    'requests',
    'failed',
    'inferences',
    'executions',
    'queue',
    'input',
    'infer',
    'output',
  ];
  const rows = models.map(({ name, version, inference_count, execution_count, inference_stats: stats }) => [
    name,
    version,
    String(stats.success.count),
    String(stats.fail.count),
    String(inference_count),
    String(execution_count),
    ...[stats.queue, stats.compute_input, stats.compute_infer, stats.compute_output].map(({ count, ns }) =>
      count === 0 ? '-' : `${Math.round(ns / count / 1000)} µs`,
    ),
  ]);
  return tableText([head, ...rows]);
}

/** Columns as wide as their widest cell. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)));
  return rows
    .map(
      row =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
