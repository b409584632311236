import { stringify } from 'yaml';
import { modelSection } from './markdown.js';
import type { ReportedModel } from './report.js';

/**
 * What somebody who is given a model must know: what it was made of, and what was measured on it. Nothing is said that was not
 * measured; what a model is for and where it fails is its makers' to say.
 * @param source 'org/name@commit' on the Hub; undefined for a folder or a file
 */
export function modelCard(model: ReportedModel, source: string | undefined): string {
  const [repository] = source?.split('@') ?? [];
  const frontMatter = stringify({
    pipeline_tag: model.task,
    library_name: 'onnx',
    tags: ['onnx', 'triton', 'transformer-deploy'],
    ...(repository === undefined ? {} : { base_model: repository }),
  });
  const origin =
    source === undefined
      ? 'Made from a checkpoint that is not on the Hub.'
      : `Made from [${source}](https://huggingface.co/${source.replace('@', '/tree/')}), whose own card says what it is for and where it fails.`;
  return `${[`---\n${frontMatter}---`, `# ${model.name}`, origin, modelSection(model)].join('\n\n')}\n`;
}
