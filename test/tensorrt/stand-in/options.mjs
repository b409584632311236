/**
 * Every option of trtexec with the releases that parse it, for the stand-in: taken from the string tables of
 * samples/common/sampleOptions.cpp at the release tags, not from what the product passes.
 */
const ALWAYS =
  'allowGPUFallback avgRuns avgTiming buildDLAStandalone builderOptimizationLevel device directIO dumpLayerInfo dumpOutput dumpProfile dumpRawBindingsToFile dumpRefit duration dynamicPlugins excludeLeanRuntime exportLayerInfo exportOutput exportProfile exportTimes exposeDMA hardwareCompatibilityLevel help idleTime ignoreParsedPluginLibs infStreams inputIOFormats iterations layerDeviceTypes leanDLLPath loadEngine loadInputs maxAuxStreams maxShapes memPoolSize minShapes noBuilderCache noDataTransfers noTF32 onnx optShapes outputIOFormats percentile persistentCacheRatio plugins preview profilingVerbosity refit safe saveEngine separateProfileRun serialized setPluginsToSerialize shapes skipInference sleepTime sparsity staticPlugins std streams tacticSources tempdir tempfileControls threads timeDeserialize timeRefit timingCacheFile useCudaGraph useDLACore useManagedMemory useRuntime useSpinWait vc verbose versionCompatible warmUp';

/** [first release, last release or undefined, options]. */
const LIFETIMES = [
  ['8.6.1', '8.6.1', 'batch deploy maxBatch model output uff uffInput uffNHWC'],
  ['8.6.1', '9.3.0', 'buildOnly explicitBatch explicitPrecision heuristic minTiming nvtxMode workspace'],
  ['8.6.1', '10.3.0', 'consistency'],
  ['10.13.0', undefined, 'consistency'],
  [
    '8.6.1',
    '10.16.99',
    'best calib fp16 fp8 int8 layerOutputTypes layerPrecisions maxShapesCalib minShapesCalib optShapesCalib precisionConstraints restricted',
  ],
  ['9.1.0', '9.3.0', 'nativeInstanceNorm ni'],
  ['9.1.0', '10.16.99', 'bf16 calibProfile'],
  [
    '9.1.0',
    undefined,
    'dumpOptimizationProfile errorOnTimingCacheMiss getPlanVersionOnly noCompilationCache profile stronglyTyped useProfile',
  ],
  ['9.3.0', '10.16.99', 'weightless'],
  [
    '10.0.0',
    undefined,
    'allocationStrategy allowWeightStreaming markDebug pi pluginInstanceNorm saveDebugTensors stripWeights weightStreamingBudget',
  ],
  ['10.1.0', '10.16.99', 'int4'],
  ['10.1.0', undefined, 'stripAllWeights'],
  ['10.2.0', undefined, 'runtimePlatform'],
  ['10.4.0', undefined, 'maxTactics'],
  ['10.6.0', undefined, 'monitorMemory'],
  ['10.7.0', undefined, 'asyncFileReader'],
  ['10.8.0', undefined, 'l2LimitForTiling tilingOptimizationLevel'],
  ['10.11.0', undefined, 'uint8AsymmetricQuantizationDLA'],
  ['10.12.0', undefined, 'distributiveIndependence markUnfusedTensorsAsDebugTensors saveAllDebugTensors'],
  ['10.13.0', undefined, 'dumpKernelText remoteAutoTuningConfig'],
  ['10.14.0', undefined, 'decomposableAttentions refitFromOnnx'],
  ['10.15.0', undefined, 'cpuOnly enablePluginOverride'],
  ['10.16.0', undefined, 'adjustForDLA reportCapabilityDLA'],
  ['11.0.0', undefined, 'includeDataTransfers noCudaGraph noSpinWait'],
];

const numberOf = ({ major, minor, patch }) => (major * 100 + minor) * 100 + patch;
const parsed = text => {
  const [major, minor, patch] = text.split('.').map(Number);
  return numberOf({ major, minor, patch });
};

/** @returns {Set<string>} */
export function optionsOf(version) {
  const at = numberOf(version);
  const options = new Set(ALWAYS.split(' '));
  for (const [first, last, names] of LIFETIMES) {
    if (at < parsed(first) || (last !== undefined && at > parsed(last))) continue;
    for (const name of names.split(' ')) options.add(name);
  }
  return options;
}
