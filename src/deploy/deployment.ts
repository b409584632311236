/** What is deployed, as far as the files beside a model repository need to know it. Paths are relative, with '/'. */
export interface Deployment {
  /** Lower-case letters, digits and dashes: of the image, of Kubernetes objects. */
  readonly name: string;
  /** Folder of the model repository in the output folder. */
  readonly repository: string;
  /** Of the server. */
  readonly image: string;
  /** How many the server needs. */
  readonly gpus: number;
  /** The image is one of vLLM or TensorRT-LLM, which bring tokenizers in the version that they need. */
  readonly hasTokenizers: boolean;
  /** vLLM adds inputs and outputs to configurations by itself. */
  readonly completesConfigurations: boolean;
  readonly models: readonly DeployedModel[];
  /** Of this package. */
  readonly version: string;
}

export interface DeployedModel {
  readonly name: string;
  readonly task: string;
  /** 'org/name@commit' on the Hub; absent for a folder or a file, whose place says nothing elsewhere. */
  readonly source?: string;
  readonly artefacts: readonly DeployedArtefact[];
}

export interface DeployedArtefact {
  /** 'intents/cpu/fp32'. */
  readonly id: string;
  readonly precision: string;
  /** Network and weights, in path order. */
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly size: number }[];
}

export interface DeployFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** Where no target names one. */
export const DEFAULT_IMAGE = 'nvcr.io/nvidia/tritonserver:26.06-py3';

/** The same, for text-generation by one of these. */
export const LANGUAGE_IMAGES = {
  vllm: 'nvcr.io/nvidia/tritonserver:26.06-vllm-python-py3',
  'tensorrt-llm': 'nvcr.io/nvidia/tritonserver:26.06-trtllm-python-py3',
} as const;

/** The one package that the Python models need and the server's image lacks. The hash is of the wheel for x86-64 Linux. */
export const TOKENIZERS = {
  version: '0.23.2',
  sha256: '41c2f84d172449b4dadb9cdc508e3e364076613c35b16e76ecfe47a60d1e3305',
} as const;

export const PORTS = { http: 8000, grpc: 8001, metrics: 8002 } as const;

/** A name that Kubernetes takes (RFC 1123): of the one model, or of all. */
export function deploymentName(models: readonly string[]): string {
  const name = models.length === 1 ? models[0]! : 'models';
  const label = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return label === '' ? 'models' : label;
}

/** The folder of the model repository in the image is nobody's choice, so that all files agree. */
export const MODELS_FOLDER = '/models';

/**
 * The server as it is meant to run: nothing is guessed where every configuration is complete; one bad model keeps it from being
 * ready; nobody can load models, which is to run code.
 */
export const serverArguments = (
  { completesConfigurations }: Pick<Deployment, 'completesConfigurations'>,
  folder: string = MODELS_FOLDER,
): string[] => [
  'tritonserver',
  `--model-repository=${folder}`,
  ...(completesConfigurations ? [] : ['--disable-auto-complete-config']),
  '--model-control-mode=none',
  '--strict-readiness=true',
  '--exit-timeout-secs=30',
  '--log-format=ISO8601',
];
