{
  "targets": [
    {
      "target_name": "kernels",
      "sources": [
        "addon.cc",
        "absmax.cc",
        "convert.cc",
        "copy-file.cc",
        "histogram.cc",
        "mapped-file.cc",
        "parallel.cc",
        "quantize-blocks.cc",
        "quantize-int8.cc",
        "simd.cc",
        "transpose.cc"
      ],
      "defines": ["NAPI_VERSION=8"],
      "cflags!": ["-O2"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20", "-O2"],
      # Contraction to fused multiply-add would round differently from machine to machine, and from TypeScript.
      # Nobody reads the processor's floating-point exception flags or errno, and keeping them right forbids vector code.
      "cflags_cc": ["-std=c++20", "-O3", "-fexceptions", "-ffp-contract=off", "-fno-trapping-math", "-fno-math-errno", "-Wall", "-Wextra", "-fvisibility=hidden"],
      "ldflags": ["-pthread"],
      "xcode_settings": {
        "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
        "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
        "GCC_OPTIMIZATION_LEVEL": "3",
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
        "MACOSX_DEPLOYMENT_TARGET": "11.0",
        "OTHER_CPLUSPLUSFLAGS": ["-ffp-contract=off", "-fno-trapping-math", "-fno-math-errno", "-Wall", "-Wextra"]
      }
    }
  ]
}
