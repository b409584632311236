import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Benchmark } from '../benchmark/result.js';
import type { BuildOutcome } from '../build/build.js';
import {
  differenceText,
  dropText,
  type MeasuredArtefact,
  metricText,
  millisecondsText,
  shapeText,
  speedWarnings,
} from '../report/report.js';
import type { Validation } from '../validation/verdict.js';
import type { CommandContext } from './command.js';
import type { Project } from './project.js';
import { withheldRepositories } from './withheld.js';

/** One line for each artefact from what lies in its folder, what is lacking although it is there, and where the report is. */
export function printVerdicts(project: Project, context: CommandContext, outcome: BuildOutcome): void {
  const measured: MeasuredArtefact[] = [];
  const rows = project.artefacts.map(({ id, target, precision, folder }): string[] => {
    const at = join(project.outDir, 'models', folder);
    const validation = readJson<Validation>(join(at, 'validation.json'));
    if (!validation) return [id, existsSync(at) ? 'not validated' : 'not delivered'];
    const benchmark = readJson<Benchmark>(join(at, 'benchmark.json'));
    const artefact = { id, target, precision, validation, ...(benchmark ? { benchmark } : {}) };
    measured.push(artefact);
    return cells(artefact);
  });
  const columns = Math.max(...rows.map(row => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map(row => (row[column] ?? '').length)),
  );
  context.note('\n');
  for (const row of rows) {
    const line = row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ');
    context.note(`  ${line.trimEnd()}\n`);
  }
  const warnings = [...withheldRepositories(project.plan, project.artefacts, outcome), ...speedWarnings(measured)];
  for (const warning of warnings) context.note(`  warning: ${warning}\n`);
  const report = join(project.outDir, 'report.html');
  const place = [report, project.outDir].find(existsSync);
  if (place) context.note(`\n  ${place}\n`);
}

function cells(artefact: MeasuredArtefact): string[] {
  const metric = artefact.validation?.evaluation?.metric;
  const drop = dropText(artefact);
  const first = artefact.benchmark?.results[0];
  return [
    artefact.id,
    `max difference ${differenceText(artefact)}`,
    metric ? `${metric} ${metricText(artefact)}${drop === 'none' ? '' : `, ${drop}`}` : '',
    first
      ? `${shapeText(first)} tokens ${millisecondsText(first.milliseconds.median)} ms${first.speedup ? `, ${first.speedup.value.toFixed(2)} × as fast` : ''}`
      : '',
  ];
}

function readJson<T>(path: string): T | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
}
