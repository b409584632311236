import type { ConfigPath, Problem } from './problem.js';
import type { Target } from './types.generated.js';

/** What a target says wrongly of the execution provider of ONNX Runtime. */
export function providerProblems(path: ConfigPath, { engine, device, provider, providerOptions }: Target): Problem[] {
  const given = Object.entries({ provider, providerOptions }).filter(([, value]) => value !== undefined);
  if (engine === 'tensorrt') {
    return given.map(([field]) => ({
      path: [...path, field],
      at: 'key',
      message: `${field} is about ONNX Runtime, which engines of TensorRT do without`,
      fix: `remove ${field}, or use engine: 'onnxruntime' with device: 'cuda'`,
    }));
  }
  if (device !== 'cuda') {
    return given.map(([field]) => ({
      path: [...path, field],
      at: 'key',
      message: `${field} says nothing about a target on ${device ?? 'cpu'}`,
      fix: `remove ${field}, or use device: 'cuda'`,
    }));
  }
  const options = Object.keys(providerOptions ?? {});
  const shapes = ['min', 'opt', 'max'].map(bound => `trt_profile_${bound}_shapes`);
  const missing = shapes.filter(option => !options.includes(option));
  return [
    ...options
      .filter(option => option.startsWith('trt_') && provider !== 'tensorrt')
      .map(
        (option): Problem => ({
          path: [...path, 'providerOptions', option],
          at: 'key',
          message: `${option} is for TensorRT, and the provider is cuda`,
          fix: `remove it, or add provider: 'tensorrt'`,
        }),
      ),
    ...(missing.length > 0 && missing.length < shapes.length
      ? [
          {
            path: [...path, 'providerOptions'],
            at: 'value',
            message: 'a profile of TensorRT has smallest, usual and largest shapes',
            expected: shapes.join(', '),
            found: shapes.filter(option => options.includes(option)).join(', '),
            fix: `add ${missing.join(', ')}, or leave all out: they follow from the model's shapes`,
          } as const,
        ]
      : []),
  ];
}
