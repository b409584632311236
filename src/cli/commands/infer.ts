import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ResolvedTarget } from '../../config/resolved.js';
import type { LabelScore } from '../../runtime/infer.js';
import type { Provider } from '../../runtime/session.js';
import { environmentFailure, type Failure, together, usageFailure } from '../../util/failure.js';
import { fail, ok, type Result } from '../../util/result.js';
import { type Arguments, numberProblem } from '../arguments.js';
import { CONFIG_OPTION, type Command, type CommandContext, OUT_OPTION } from '../command.js';
import { presentContinued, presentWritten } from '../present-generated.js';
import { openProject } from '../project.js';

export const command: Command = {
  name: 'infer',
  usage: 'MODEL[/TARGET[/PRECISION]] TEXT ... [OPTIONS]',
  summary: 'Runs texts through built artefacts; without TEXT, through the lines of standard input.',
  options: {
    ...CONFIG_OPTION,
    ...OUT_OPTION,
    top: { type: 'string', placeholder: 'N', help: 'labels to print for each text (default: 1)' },
    'max-new-tokens': {
      type: 'string',
      placeholder: 'N',
      help: "of a generated text, at most (default: the model's own, or 64)",
    },
    beams: {
      type: 'string',
      placeholder: 'N',
      help: 'texts that are tried side by side (default: 1, or as the model says)',
    },
    temperature: { type: 'string', placeholder: 'T', help: 'above 0 samples the tokens, 0 takes the likeliest' },
    'top-p': { type: 'string', placeholder: 'P', help: 'sample from the likeliest tokens that have this probability' },
    seed: { type: 'string', placeholder: 'N', help: 'of the sampling: the same seed, the same text (default: 0)' },
    prefix: { type: 'string', placeholder: 'TEXT', help: 'put before each text, of which another is written' },
    'task-params': {
      type: 'string',
      placeholder: 'NAME',
      help: "of config.json's task_specific_params: a prefix, settings",
    },
    'source-language': { type: 'string', placeholder: 'TOKEN', help: 'of the texts, as the tokenizer names it: en_XX' },
    'target-language': { type: 'string', placeholder: 'TOKEN', help: 'of what is written: de_DE' },
    image: { type: 'string', multiple: true, placeholder: 'FILE', help: 'an image to classify; may be given again' },
    json: { type: 'boolean', help: 'one JSON object for each artefact and text' },
  },
  async run(given, context) {
    const [pattern, ...texts] = given.positionals;
    if (pattern === undefined) {
      return fail(usageFailure('model-not-named', 'which model?', { fix: 'td infer MODEL "some text"' }));
    }
    const invalid =
      numberProblem(given, 'max-new-tokens', 1) ?? numberProblem(given, 'beams', 1) ?? numberProblem(given, 'seed', 0);
    if (invalid) return fail(invalid);
    const project = await openProject({ ...given, positionals: [pattern] }, context);
    if (!project.ok) return project;
    const seesOnly = project.value.models.every(({ model }) => model.task === SEEING);
    const lines = texts.length > 0 || seesOnly ? texts : await standardInputLines();
    const lacking: Failure[] = [];
    const devices = new Map<Provider, Promise<string | undefined>>();
    for (const artefact of project.value.artefacts) {
      const { model } = project.value.models.find(candidate => candidate.model.name === artefact.model)!;
      const present = PRESENTERS[model.task];
      if (!present) return fail(taskNotServed(model.name, model.task));
      const unused = model.task === 'text2text-generation' ? undefined : WRITING_OPTIONS.find(name => given.text(name));
      if (unused) return fail(optionUnused(unused, model, 'text2text-generation'));
      if (model.task !== SEEING && given.list('image').length > 0) return fail(optionUnused('image', model, SEEING));
      const why = await whyNotHere(artefact.id, project.value.config.targets[artefact.target]!, devices);
      if (why) {
        lacking.push(why);
        continue;
      }
      const folder = builtFolder(project.value.outDir, artefact.folder);
      if (!folder.ok) return folder;
      const presented = await present({ id: artefact.id, folder: folder.value }, lines, given, context);
      if (!presented.ok) return presented;
    }
    const [first, ...others] = lacking;
    if (first && lacking.length === project.value.artefacts.length) {
      return fail(together('not-inferred', 'none of the artefacts runs here', [first, ...others]));
    }
    for (const { message } of lacking) context.note(`left out: ${message}\n`);
    return ok(0);
  },
};

/** Runs texts through one artefact and prints what comes out. */
type Presenter = (
  artefact: { readonly id: string; readonly folder: string },
  texts: readonly string[],
  given: Arguments,
  context: CommandContext,
) => Promise<Result<void, Failure>>;

/** To add a task: one line here. */
const PRESENTERS: Readonly<Record<string, Presenter>> = {
  'text-classification': presentLabels,
  'token-classification': presentEntities,
  'sentence-similarity': presentVectors,
  'feature-extraction': presentVectors,
  'text-ranking': presentRanking,
  'text-generation': presentContinued,
  'text2text-generation': presentWritten,
  'image-classification': presentImages,
};

/** Options of models that write one text of another. */
const WRITING_OPTIONS = ['prefix', 'task-params', 'source-language', 'target-language'];

/** The task whose models read images. */
const SEEING = 'image-classification';

const optionUnused = (
  option: string,
  { name, task }: { readonly name: string; readonly task: string },
  meant: string,
): Failure =>
  usageFailure('option-unused', `--${option} means nothing for ${task}`, {
    where: `models.${name}`,
    expected: `a model for ${meant}`,
    fix: `leave --${option} out`,
  });

async function presentLabels(...[{ id, folder }, texts, given, context]: Parameters<Presenter>): ReturnType<Presenter> {
  const { inferText } = await import('../../runtime/infer.js');
  const results = await inferText(folder, texts);
  if (!results.ok) return results;
  for (const [index, scores] of results.value.entries())
    printLabels(id, { text: texts[index] }, scores, given, context);
  return ok(undefined);
}

async function presentImages(...[{ id, folder }, , given, context]: Parameters<Presenter>): ReturnType<Presenter> {
  const files = given.list('image').map(file => resolve(context.cwd, file));
  if (files.length === 0) {
    return fail(usageFailure('image-missing', 'which image?', { fix: 'td infer MODEL --image FILE' }));
  }
  const { inferImages } = await import('../../runtime/infer-images.js');
  const results = await inferImages(folder, files);
  if (!results.ok) return results;
  for (const [index, scores] of results.value.entries()) {
    printLabels(id, { image: given.list('image')[index] }, scores, given, context);
  }
  return ok(undefined);
}

/** The best `--top` labels of one text or image. */
function printLabels(
  artefact: string,
  what: Readonly<Record<string, string | undefined>>,
  scores: readonly LabelScore[],
  given: Arguments,
  context: CommandContext,
): void {
  const labels = scores.slice(0, Number(given.text('top') ?? 1));
  const line = given.flag('json')
    ? JSON.stringify({ artefact, ...what, labels })
    : `${artefact}  ${labels.map(({ label, score }) => `${label} ${score.toFixed(4)}`).join('  ')}`;
  context.print(`${line}\n`);
}

/** Offsets count Unicode code points. */
async function presentEntities(
  ...[{ id, folder }, texts, given, context]: Parameters<Presenter>
): ReturnType<Presenter> {
  const { findEntities } = await import('../../runtime/infer.js');
  const results = await findEntities(folder, texts);
  if (!results.ok) return results;
  for (const [index, entities] of results.value.entries()) {
    if (given.flag('json')) {
      context.print(`${JSON.stringify({ artefact: id, text: texts[index], entities })}\n`);
    } else {
      const found = entities.map(
        ({ label, text, start, end, score }) => `${label} ${JSON.stringify(text)} ${start}-${end} ${score.toFixed(4)}`,
      );
      context.print(`${id}  ${found.join('  ') || 'no entities'}\n`);
    }
  }
  return ok(undefined);
}

/** A line of JSON for each text: its vector. */
async function presentVectors(
  ...[{ id, folder }, texts, given, context]: Parameters<Presenter>
): ReturnType<Presenter> {
  const { embedTexts } = await import('../../runtime/infer.js');
  const results = await embedTexts(folder, texts);
  if (!results.ok) return results;
  for (const [index, vector] of results.value.entries()) {
    // Nine digits tell every float32 from its neighbours.
    const embedding = Array.from(vector, value => Number(value.toPrecision(9)));
    const line = given.flag('json') ? { artefact: id, text: texts[index], embedding } : embedding;
    context.print(`${JSON.stringify(line)}\n`);
  }
  return ok(undefined);
}

/** The first text is the question; the others are printed from the one that answers it best to the one that does least. */
async function presentRanking(
  ...[{ id, folder }, texts, given, context]: Parameters<Presenter>
): ReturnType<Presenter> {
  const [question, ...candidates] = texts;
  if (question === undefined || candidates.length === 0) {
    return fail(
      usageFailure('text-missing', 'a model that ranks needs a question and what may answer it', {
        fix: 'td infer MODEL "the question" "one text" "another text"',
      }),
    );
  }
  const { rankTexts } = await import('../../runtime/infer.js');
  const scores = await rankTexts(folder, question, candidates);
  if (!scores.ok) return scores;
  const ranked = candidates
    .map((text, index) => ({ text, score: scores.value[index]! }))
    .sort((a, b) => b.score - a.score);
  for (const { text, score } of ranked) {
    const line = given.flag('json')
      ? JSON.stringify({ artefact: id, question, text, score })
      : `${id}  ${score.toFixed(4)}  ${text}`;
    context.print(`${line}\n`);
  }
  return ok(undefined);
}

/**
 * Why the artefacts of a target cannot be run on this machine, whether built or not.
 * @param devices what was found of each: a driver takes a second to answer
 */
async function whyNotHere(
  artefact: string,
  target: ResolvedTarget,
  devices: Map<Provider, Promise<string | undefined>>,
): Promise<Failure | undefined> {
  if (target.engine === 'tensorrt') {
    return usageFailure('engine-not-inferred', `${artefact} is an engine of TensorRT, which td infer does not run`, {
      where: artefact,
      expected: "an artefact of engine: 'onnxruntime'",
      fix: 'serve the repository with Triton, and ask it with td client',
    });
  }
  const provider = target.provider ?? target.device;
  if (provider === 'cpu') return undefined;
  const { whyNoDevice } = await import('../../runtime/device.js');
  const asked = devices.get(provider) ?? whyNoDevice(provider);
  devices.set(provider, asked);
  const found = await asked;
  if (found === undefined) return undefined;
  return environmentFailure('device-missing', `${artefact} is for ${provider}, which does not start here`, {
    where: `targets.${target.name}`,
    expected: `a device that ONNX Runtime's ${provider} provider runs on`,
    found,
    fix: 'ask an artefact for the CPU, or run it where the device is; td doctor looks for it',
  });
}

function builtFolder(outDir: string, artefactFolder: string): Result<string, Failure> {
  const folder = join(outDir, 'models', artefactFolder);
  if (['model.onnx', 'encoder_model.onnx'].some(file => existsSync(join(folder, 'onnx', file)))) return ok(folder);
  return fail(
    usageFailure('artefact-missing', 'the artefact is not built', { where: folder, fix: 'td build makes it' }),
  );
}

const taskNotServed = (model: string, task: string): Failure =>
  usageFailure('task-not-inferred', `td infer does not know how to present '${task}' yet`, {
    where: `models.${model}`,
    expected: Object.keys(PRESENTERS).join(', '),
    found: task,
    fix: 'the artefact folder loads in @huggingface/transformers pipelines and in ONNX Runtime',
  });

async function standardInputLines(): Promise<string[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks)
    .toString('utf8')
    .split('\n')
    .filter(line => line.trim() !== '');
}
