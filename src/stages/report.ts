import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark } from '../benchmark/result.js';
import type { Stage } from '../build/task.js';
import type { Choice } from '../choice/choice.js';
import { reportHtml } from '../report/html.js';
import { reportMarkdown } from '../report/markdown.js';
import { modelCard } from '../report/model-card.js';
import type { Report, ReportedArtefact, ReportedCalibration } from '../report/report.js';
import { type Json, prettyJson } from '../util/json.js';
import { ok } from '../util/result.js';
import type { Validation } from '../validation/verdict.js';

interface ReportParams {
  /** `source`: 'org/name@commit' on the Hub. */
  readonly models: readonly { readonly name: string; readonly task: string; readonly source?: string }[];
  readonly artefacts: readonly {
    readonly id: string;
    readonly model: string;
    readonly target: string;
    readonly precision: string;
  }[];
}

/**
 * Everything that was measured, for people and programs. Inputs, each only if its stage was not skipped: `model:<id>`,
 * `validation:<id>` of each artefact, `calibration:<model>`, `benchmark:<model>`, `benchmark:<id>` of an engine, `choice:<id>` of the precision
 * 'auto'. Output: a folder with report.json, report.md, report.html and cards/<model>.md.
 */
export const reportStage: Stage = {
  name: 'report',
  async run({ params, in: inputs, out }) {
    const { models, artefacts } = params as unknown as ReportParams;
    const reported = await Promise.all(
      artefacts.map(async ({ id, model, target, precision }): Promise<ReportedArtefact & { model: string }> => {
        const validation = await read<Validation>(inputs[`validation:${id}`]);
        // Engines are measured each by itself, where their GPU is.
        const measured = inputs[`benchmark:${id}`] ?? inputs[`benchmark:${model}`];
        const benchmark = await read<Benchmark>(measured && join(measured, `${target}-${precision}.json`));
        const choice = await read<Choice>(inputs[`choice:${id}`]);
        return {
          id,
          model,
          target,
          precision,
          bytes: await sizeOf(inputs[`model:${id}`]!),
          ...(validation ? { validation } : {}),
          ...(benchmark ? { benchmark } : {}),
          ...(choice ? { choice } : {}),
        };
      }),
    );
    const report: Report = {
      schema: 'transformer-deploy/report/1',
      models: await Promise.all(
        models.map(async ({ name, task }) => {
          const table = await read<{ readonly texts: ReportedCalibration }>(inputs[`calibration:${name}`]);
          return {
            name,
            task,
            artefacts: reported.filter(({ model }) => model === name).map(({ model: _, ...artefact }) => artefact),
            ...(table ? { calibration: table.texts } : {}),
          };
        }),
      ),
    };
    await mkdir(out.report!, { recursive: true });
    await writeFile(join(out.report!, 'report.json'), prettyJson(report as unknown as Json));
    await writeFile(join(out.report!, 'report.md'), reportMarkdown(report));
    await writeFile(join(out.report!, 'report.html'), await reportHtml(report));
    await mkdir(join(out.report!, 'cards'));
    for (const [index, model] of report.models.entries()) {
      await writeFile(join(out.report!, 'cards', `${model.name}.md`), modelCard(model, models[index]!.source));
    }
    return ok(undefined);
  },
};

async function read<T>(path: string | undefined): Promise<T | undefined> {
  return path === undefined ? undefined : (JSON.parse(await readFile(path, 'utf8')) as T);
}

async function sizeOf(folder: string): Promise<number> {
  const sizes = await Promise.all((await readdir(folder)).map(async name => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
