import { stringify } from 'yaml';
import { type DeployFile, type Deployment, PORTS } from './deployment.js';

/** Mean time in the queue, in microseconds, above which there are too few servers. */
const TARGET_QUEUE_MICROSECONDS = 10_000;
/** By this name the autoscaler asks for it, and prometheus-adapter gives it. */
const QUEUE_METRIC = 'triton_queue_microseconds';

/** `kubectl apply --filename dist/deploy/kubernetes/`; prometheus-adapter.yaml is for its Helm chart, and stands beside. */
export function kubernetesFiles(deployment: Deployment): DeployFile[] {
  const { name } = deployment;
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': 'inference-server' };
  const metadata = { name, labels };
  const manifests: Readonly<Record<string, object>> = {
    'kubernetes/deployment.yaml': {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        template: { metadata: { labels, annotations: scraped }, spec: podSpec(deployment) },
      },
    },
    'kubernetes/service.yaml': {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        selector: labels,
        ports: Object.entries(PORTS).map(([port, number]) => ({ name: port, port: number, targetPort: port })),
      },
    },
    'kubernetes/autoscaler.yaml': {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata,
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        minReplicas: 2,
        maxReplicas: 8,
        metrics: [
          {
            type: 'Pods',
            pods: {
              metric: { name: QUEUE_METRIC },
              target: { type: 'AverageValue', averageValue: String(TARGET_QUEUE_MICROSECONDS) },
            },
          },
        ],
        // Loading a model takes longer than a short lull is worth.
        behavior: { scaleDown: { stabilizationWindowSeconds: 300 } },
      },
    },
    'kubernetes/disruption-budget.yaml': {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { minAvailable: 1, selector: { matchLabels: labels } },
    },
    'prometheus-adapter.yaml': { rules: { custom: [queueRule()] } },
  };
  return Object.entries(manifests).map(([path, manifest]) => ({ path, content: yaml(manifest) }));
}

const scraped = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(PORTS.metrics) };

/** Without anchors: the same labels stand in several places. */
export const yaml = (document: object): string => stringify(document, { aliasDuplicateObjects: false });

const health = (path: 'live' | 'ready'): object => ({ httpGet: { path: `/v2/health/${path}`, port: 'http' } });

/** A container of the server, as KServe runs it, too. */
export const serverContainer = ({ name, gpus }: Deployment, args?: readonly string[]): object => ({
  image: name,
  ...(args ? { args } : {}),
  resources: {
    requests: { cpu: '2', memory: '4Gi' },
    limits: { memory: '4Gi', ...(gpus > 0 ? { 'nvidia.com/gpu': String(gpus) } : {}) },
  },
  securityContext: {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    runAsUser: 1000,
    capabilities: { drop: ['ALL'] },
  },
  volumeMounts: [{ name: 'shared-memory', mountPath: '/dev/shm' }],
});

/** Tensors of Python models pass through it. */
export const sharedMemory = { name: 'shared-memory', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } } as const;

const podSpec = (deployment: Deployment): object => ({
  terminationGracePeriodSeconds: 40,
  securityContext: { fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'triton',
      ...serverContainer(deployment),
      ports: Object.entries(PORTS).map(([name, containerPort]) => ({ name, containerPort })),
      // Five minutes to load; only then do the others begin.
      startupProbe: { ...health('ready'), periodSeconds: 10, failureThreshold: 30 },
      livenessProbe: { ...health('live'), periodSeconds: 10, failureThreshold: 3 },
      readinessProbe: { ...health('ready'), periodSeconds: 5, failureThreshold: 3 },
    },
  ],
  volumes: [sharedMemory],
});

/** Time that requests waited in the last half minute, for each that was answered: 0 of a server that nobody asks. */
const queueRule = (): object => ({
  seriesQuery: 'nv_inference_queue_duration_us{namespace!="",pod!=""}',
  resources: { overrides: { namespace: { resource: 'namespace' }, pod: { resource: 'pod' } } },
  name: { as: QUEUE_METRIC },
  metricsQuery:
    'sum(delta(nv_inference_queue_duration_us{<<.LabelMatchers>>}[30s])) by (<<.GroupBy>>)' +
    ' / (1 + sum(delta(nv_inference_request_success{<<.LabelMatchers>>}[30s])) by (<<.GroupBy>>))',
});
