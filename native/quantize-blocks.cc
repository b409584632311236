#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels.h"
#include "parallel.h"
#include "simd.h"
#include "tile.h"

namespace td {
namespace {

// Blocks of 16 rows side by side: each step of the specification is one vector operation, and its sums, which go
// from the first element of a block to the last, stay in order.
constexpr size_t lanes = 16;
constexpr size_t longestBlock = 128;

// Rows that are worked on together when the elements of a row are not neighbours: each visit to a page reads several
// cache lines.
constexpr size_t rowChunk = 256;

constexpr float roundToInteger = 12582912.0f;

struct Matrix {
  const uint8_t* source;
  size_t rows;
  size_t columns;
  bool byRows;
  size_t bits;
  size_t blockSize;
  size_t iterations;
  uint8_t* values;
  float* scales;
  /// nullptr: symmetric.
  uint8_t* zeroPoints;
};

// One element of each row. Explicit vectors: loops of 16 are unrolled before the compiler would make vectors of them.
typedef float Vector [[gnu::vector_size(lanes * 4)]];
typedef int32_t Integers [[gnu::vector_size(lanes * 4)]];
typedef uint8_t Codes [[gnu::vector_size(lanes)]];

union alignas(64) Lanes {
  float at[lanes];
  Vector all;
  Integers bits;
};

struct QuantizeBlocks {
  TD_INLINE void rounded(const Vector& given, const Vector& lowest, const Vector& highest, Vector& result) {
    Vector value = given < highest ? given : highest;
    value = value > lowest ? value : lowest;
    result = (value + roundToInteger) - roundToInteger;
  }

  /// block[i].at[lane] = element `first` + i of row `row` + lane; 0 where there is none.
  template <size_t vectorBytes>
  TD_INLINE void load(const Matrix& matrix, size_t row, size_t rowCount, size_t first, size_t count, Lanes* block) {
    const uint8_t* source = matrix.source + (matrix.byRows ? row * matrix.columns + first : first * matrix.rows + row) * 4;
    const size_t stride = (matrix.byRows ? matrix.columns : matrix.rows) * 4;
    if (rowCount < lanes || count < matrix.blockSize) std::memset(block, 0, matrix.blockSize * sizeof *block);
    if (!matrix.byRows) {
      for (size_t i = 0; i < count; i++) {
        std::memcpy(block[i].at, source + i * stride, rowCount * 4);
        // The next rows of the same columns, in lines so far apart that no processor guesses them.
        __builtin_prefetch(source + i * stride + lanes * 4);
      }
      return;
    }
    if (rowCount == lanes && count % lanes == 0) {
      constexpr size_t width = std::min<size_t>(lanes, vectorBytes / 4);
      for (size_t i = 0; i < count; i += width) {
        for (size_t lane = 0; lane < lanes; lane += width) {
          Tile<uint32_t, width>::transpose(source + lane * stride + i * 4, stride,
                                           reinterpret_cast<uint8_t*>(block[i].at + lane), sizeof *block);
        }
      }
      return;
    }
    for (size_t lane = 0; lane < rowCount; lane++) {
      for (size_t i = 0; i < count; i++) std::memcpy(block[i].at + lane, source + lane * stride + i * 4, 4);
    }
  }

  /// NaN and infinity become 0; returns how many there were.
  TD_INLINE uint32_t withoutNonFinite(Lanes* block, size_t size) {
    Integers found{};
    for (size_t i = 0; i < size; i++) {
      const Integers finite = (block[i].bits & int32_t{0x7fffffff}) < int32_t{0x7f800000};
      found -= ~finite;
      block[i].bits &= finite;
    }
    uint32_t sum = 0;
    for (size_t lane = 0; lane < lanes; lane++) sum += static_cast<uint32_t>(found[lane]);
    return sum;
  }

  TD_INLINE void grids(const Lanes* block, size_t size, float top, bool symmetric, Lanes& scale, Lanes& zeroPoint) {
    Vector low{};
    Vector high{};
    for (size_t i = 0; i < size; i++) {
      const Vector value = block[i].all;
      low = value < low ? value : low;
      high = value > high ? value : high;
    }
    const Vector none{};
    const Vector tops = none + top;
    const Vector middle = none + (top + 1) / 2;
    const Vector extreme = high > -low ? high : low;
    const Vector step = symmetric ? extreme / -middle : high / tops - low / tops;
    scale.all = step == none ? none + 1.0f : step;
    if (symmetric) {
      zeroPoint.all = middle;
    } else {
      rounded(-low / scale.all, none, tops, zeroPoint.all);
    }
  }

  TD_INLINE void refine(const Lanes* block, size_t size, float top, size_t iterations, const Lanes& zeroPoint,
                        Lanes& best) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    const Vector none{};
    const Vector lowest = -zeroPoint.all;
    const Vector highest = top - zeroPoint.all;
    Vector scale = best.all;
    Vector leastError = none + infinity;
    float beta = 10.0f;
    for (size_t iteration = 0; iteration <= iterations; iteration++) {
      const Vector step = scale < none ? -scale : scale;
      Vector error{};
      Vector numerator{};
      Vector denominator{};
      for (size_t i = 0; i < size; i++) {
        const Vector value = block[i].all;
        Vector code;
        rounded(value / scale, lowest, highest, code);
        const Vector residual = value - scale * code;
        error += residual * residual;
        // By its bits: -0 is not below 0, and must become 0.
        Lanes absolute;
        absolute.all = residual;
        absolute.bits &= int32_t{0x7fffffff};
        const Vector magnitude = absolute.all;
        Lanes root;
        root.all = magnitude / step;
        for (float& number : root.at) number = std::sqrt(std::sqrt(number));
        const Vector shrunk = magnitude - step / (beta * root.all);
        const Vector outlier = shrunk > none ? shrunk : none;
        const Vector target = value - (residual < none ? -outlier : outlier);
        numerator += target * code;
        denominator += code * code;
      }
      const Integers better = error < leastError;
      leastError = better ? error : leastError;
      best.all = better ? scale : best.all;
      const Vector fitted = numerator / denominator;
      const Integers usable = (fitted != none) & (fitted < infinity) & (fitted > -infinity);
      scale = usable ? fitted : scale;
      beta *= 1.01f;
    }
  }

  TD_INLINE void codesOf(const Lanes& values, const Lanes& scale, const Lanes& zeroPoint, const Vector& lowest,
                         const Vector& highest, Integers& codes) {
    Vector code;
    rounded(values.all / scale.all, lowest, highest, code);
    codes = __builtin_convertvector(code + zeroPoint.all, Integers);
  }

  /// bytes[i * lanes + lane]: one code each, or two where they have 4 bits.
  TD_INLINE void encode(const Lanes* block, size_t size, size_t bits, float top, const Lanes& scale,
                        const Lanes& zeroPoint, uint8_t* bytes) {
    const Vector lowest = -zeroPoint.all;
    const Vector highest = top - zeroPoint.all;
    const size_t perByte = 8 / bits;
    for (size_t i = 0; i < size; i += perByte) {
      Integers codes;
      codesOf(block[i], scale, zeroPoint, lowest, highest, codes);
      if (perByte == 2) {
        Integers second;
        codesOf(block[i + 1], scale, zeroPoint, lowest, highest, second);
        codes |= second << 4;
      }
      *reinterpret_cast<Codes*>(bytes + i / perByte * lanes) = __builtin_convertvector(codes, Codes);
    }
  }

  TD_INLINE void store(const uint8_t* bytes, size_t blobBytes, size_t rowCount, uint8_t* into, size_t stride) {
    if (rowCount == lanes && blobBytes % lanes == 0) {
      for (size_t i = 0; i < blobBytes; i += lanes) {
        Tile<uint8_t, lanes>::transpose(bytes + i * lanes, lanes, into + i, stride);
      }
      return;
    }
    for (size_t lane = 0; lane < rowCount; lane++) {
      for (size_t i = 0; i < blobBytes; i++) into[lane * stride + i] = bytes[i * lanes + lane];
    }
  }

  /// Rows [begin, end), with all their blocks.
  template <size_t vectorBytes>
  TD_INLINE uint32_t run(const Matrix* given, size_t begin, size_t end) {
    const Matrix& matrix = *given;
    const size_t size = matrix.blockSize;
    const size_t blocks = (matrix.columns + size - 1) / size;
    const size_t blobBytes = size * matrix.bits / 8;
    const size_t zeroPointBytes = (blocks * matrix.bits + 7) / 8;
    const float top = matrix.bits == 4 ? 15.0f : 255.0f;
    const bool symmetric = matrix.zeroPoints == nullptr;
    Lanes block[longestBlock];
    alignas(64) uint8_t bytes[longestBlock * lanes];
    Lanes scale;
    Lanes zeroPoint;
    uint32_t nonFinite = 0;
    for (size_t index = 0; index < blocks; index++) {
      const size_t count = std::min(size, matrix.columns - index * size);
      for (size_t row = begin; row < end; row += lanes) {
        const size_t rowCount = std::min(lanes, end - row);
        load<vectorBytes>(matrix, row, rowCount, index * size, count, block);
        nonFinite += withoutNonFinite(block, size);
        grids(block, size, top, symmetric, scale, zeroPoint);
        if (matrix.iterations > 0) refine(block, size, top, matrix.iterations, zeroPoint, scale);
        encode(block, size, matrix.bits, top, scale, zeroPoint, bytes);
        const size_t at = row * blocks + index;
        store(bytes, blobBytes, rowCount, matrix.values + at * blobBytes, blocks * blobBytes);
        for (size_t lane = 0; lane < rowCount; lane++) {
          matrix.scales[at + lane * blocks] = scale.at[lane];
          if (symmetric) continue;
          const uint8_t zero = static_cast<uint8_t>(static_cast<int32_t>(zeroPoint.at[lane]));
          uint8_t* zeros = matrix.zeroPoints + (row + lane) * zeroPointBytes;
          if (matrix.bits == 8) {
            zeros[index] = zero;
          } else if (index % 2 == 0) {
            zeros[index / 2] = zero;
          } else {
            zeros[index / 2] = static_cast<uint8_t>(zeros[index / 2] | (zero << 4));
          }
        }
      }
    }
    return nonFinite;
  }
};

}  // namespace

double quantizeBlocks(Bytes source, size_t rows, size_t columns, const std::string& layout, size_t bits,
                      size_t blockSize, size_t iterations, Bytes values, Floats scales, Bytes zeroPoints) {
  require(source.size == rows * columns * 4, "quantizeBlocks: source does not have rows x columns elements");
  require(layout == "rows" || layout == "columns", "quantizeBlocks: rows or columns expected");
  require(bits == 4 || bits == 8, "quantizeBlocks: 4 or 8 bits expected");
  require(blockSize == 16 || blockSize == 32 || blockSize == 64 || blockSize == 128,
          "quantizeBlocks: blocks of 16, 32, 64 or 128 expected");
  const size_t blocks = (columns + blockSize - 1) / blockSize;
  require(values.size == rows * blocks * (blockSize * bits / 8), "quantizeBlocks: result does not have a code per element");
  require(scales.size == rows * blocks, "quantizeBlocks: one scale per block expected");
  require(zeroPoints.size == 0 || zeroPoints.size == rows * ((blocks * bits + 7) / 8),
          "quantizeBlocks: one zero point per block expected");
  const Matrix matrix{source.data, rows,       columns,     layout == "rows", bits,
                      blockSize,   iterations, values.data, scales.data,      zeroPoints.size == 0 ? nullptr : zeroPoints.data};
  const size_t chunk = matrix.byRows ? lanes : rowChunk;
  std::atomic<uint64_t> nonFinite{0};
  parallelFor(rows, columns * 4, matrix.byRows ? lanes : 64, [&](size_t begin, size_t end) {
    for (size_t row = begin; row < end; row += chunk) {
      nonFinite += dispatch<QuantizeBlocks>(&matrix, row, std::min(row + chunk, end));
    }
  });
  return static_cast<double>(nonFinite.load());
}

}  // namespace td
