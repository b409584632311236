#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <mutex>
#include <vector>

#include "kernels.h"
#include "parallel.h"
#include "simd.h"

namespace td {
namespace {

// Floats as integers of the same order: negative ones have their magnitude bits inverted. Then minimum and maximum are
// exact vector operations, -0 comes before 0, and no result depends on the order in which threads finish.
constexpr int32_t ordered(uint32_t bits) {
  const int32_t value = static_cast<int32_t>(bits);
  return value ^ static_cast<int32_t>(static_cast<uint32_t>(value >> 31) >> 1);
}

constexpr uint32_t bitsOf(int32_t order) {
  return static_cast<uint32_t>(order ^ static_cast<int32_t>(static_cast<uint32_t>(order >> 31) >> 1));
}

struct Extremes {
  int32_t least = INT32_MAX;
  int32_t most = INT32_MIN;
};

struct MinMax {
  template <size_t vectorBytes>
  TD_INLINE uint32_t run(const uint8_t* source, Extremes* into, size_t count) {
    const Word* in = reinterpret_cast<const Word*>(source);
    int32_t least = into->least;
    int32_t most = into->most;
    uint32_t nonFinite = 0;
    for (size_t i = 0; i < count; i++) {
      const uint32_t bits = in[i];
      const bool finite = (bits & magnitudeMask) < infinityBits;
      const int32_t order = ordered(bits);
      least = std::min(least, finite ? order : INT32_MAX);
      most = std::max(most, finite ? order : INT32_MIN);
      nonFinite += finite ? 0u : 1u;
    }
    *into = {least, most};
    return nonFinite;
  }
};

// A body counts in 32 bits; blocks of this many elements cannot overflow that.
constexpr size_t block = 1 << 20;

// Bins of values are found block by block by vector code; counting them is a scalar loop over a block in the cache.
constexpr size_t indexBlock = 1024;

struct BinIndices {
  template <size_t vectorBytes>
  TD_INLINE uint32_t run(const uint8_t* source, float inverseWidth, float half, int32_t* into, size_t count) {
    const Word* bits = reinterpret_cast<const Word*>(source);
    const Float* in = reinterpret_cast<const Float*>(source);
    uint32_t outside = 0;
    for (size_t i = 0; i < count; i++) {
      const bool finite = (bits[i] & magnitudeMask) < infinityBits;
      // The width is a power of two: the quotient is exact, or so small that its sign is all that counts.
      const float place = (finite ? in[i] : half) * inverseWidth;
      const bool inside = finite && place >= -half && place < half;
      const float kept = inside ? place : 0.0f;
      const int32_t truncated = static_cast<int32_t>(kept);
      const int32_t floored = truncated - (static_cast<float>(truncated) > kept ? 1 : 0);
      into[i] = inside ? floored : INT32_MIN;
      outside += inside ? 0u : 1u;
    }
    return outside;
  }
};

}  // namespace

double minMax(Bytes source, Floats into) {
  require(source.size % 4 == 0, "minMax: not a whole number of elements");
  require(into.size == 2, "minMax: result does not have two elements");
  Extremes all;
  uint64_t nonFinite = 0;
  std::mutex merging;
  parallelFor(source.size / 4, 4, 64, [&](size_t begin, size_t end) {
    Extremes mine;
    uint64_t found = 0;
    for (size_t i = begin; i < end; i += block) {
      found += dispatch<MinMax>(static_cast<const uint8_t*>(source.data + i * 4), &mine, std::min(block, end - i));
    }
    const std::lock_guard<std::mutex> guard(merging);
    all = {std::min(all.least, mine.least), std::max(all.most, mine.most)};
    nonFinite += found;
  });
  const bool none = all.least > all.most;
  into.data[0] = std::bit_cast<float>(none ? infinityBits : bitsOf(all.least));
  into.data[1] = std::bit_cast<float>(none ? infinityBits | 0x80000000u : bitsOf(all.most));
  return static_cast<double>(nonFinite);
}

double histogram(Bytes source, double width, Doubles counts) {
  require(source.size % 4 == 0, "histogram: not a whole number of elements");
  require(counts.size > 0 && counts.size % 2 == 0 && counts.size <= 65536, "histogram: an even number of bins up to 65536 expected");
  int exponent = 0;
  require(width >= 0x1p-126 && width <= 0x1p126 && std::frexp(width, &exponent) == 0.5,
          "histogram: the width of a bin is not a power of two between 2^-126 and 2^126");
  const float inverseWidth = static_cast<float>(1.0 / width);
  const size_t half = counts.size / 2;
  uint64_t outside = 0;
  std::mutex merging;
  parallelFor(source.size / 4, 4, 64, [&](size_t begin, size_t end) {
    std::vector<uint32_t> mine(counts.size, 0);
    std::array<int32_t, indexBlock> indices;
    uint64_t left = 0;
    for (size_t i = begin; i < end; i += indexBlock) {
      const size_t count = std::min(indexBlock, end - i);
      left += dispatch<BinIndices>(static_cast<const uint8_t*>(source.data + i * 4), inverseWidth,
                                   static_cast<float>(half), indices.data(), count);
      for (size_t j = 0; j < count; j++) {
        if (indices[j] != INT32_MIN) mine[static_cast<size_t>(indices[j] + static_cast<int32_t>(half))]++;
      }
    }
    const std::lock_guard<std::mutex> guard(merging);
    for (size_t bin = 0; bin < counts.size; bin++) counts.data[bin] += mine[bin];
    outside += left;
  });
  return static_cast<double>(outside);
}

}  // namespace td
