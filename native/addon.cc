// The export table. Names are those of src/kernels/kernels.ts.
#include "arguments.h"
#include "kernels.h"
#include "mapped-file.h"

NAPI_MODULE_INIT() {
  const napi_property_descriptor kernels[] = {
#define KERNEL(name, function) {name, nullptr, function, nullptr, nullptr, nullptr, napi_enumerable, nullptr}
      KERNEL("mapFile", td::mapFile),
      KERNEL("unmapFile", td::unmapFile),
      KERNEL("copyFileRange", td::bind<td::copyFileRange>),
      KERNEL("transpose", td::bind<td::transpose>),
      KERNEL("float32ToFloat16", td::bind<td::float32ToFloat16>),
      KERNEL("float16ToFloat32", td::bind<td::float16ToFloat32>),
      KERNEL("float32ToBfloat16", td::bind<td::float32ToBfloat16>),
      KERNEL("bfloat16ToFloat32", td::bind<td::bfloat16ToFloat32>),
      KERNEL("absmax", td::bind<td::absmax>),
      KERNEL("countNonFinite", td::bind<td::countNonFinite>),
      KERNEL("summarize", td::bind<td::summarize>),
      KERNEL("histogram", td::bind<td::histogram>),
      KERNEL("quantizeInt8", td::bind<td::quantizeInt8>),
      KERNEL("quantizeBlocks", td::bind<td::quantizeBlocks>),
      KERNEL("isa", td::bind<td::isa>),
      KERNEL("selectIsa", td::bind<td::selectIsa>),
#undef KERNEL
  };
  napi_define_properties(env, exports, sizeof kernels / sizeof *kernels, kernels);
  return exports;
}
