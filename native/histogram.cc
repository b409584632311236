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

constexpr uint32_t smallestNormalFloat16 = 0x38800000;  // 2^-14
constexpr uint32_t largestVanishing = 0x33000000;       // 2^-25: half of the smallest float16, and ties go to even

struct Summary {
  int32_t least = INT32_MAX;
  int32_t most = INT32_MIN;
  uint32_t smallest = infinityBits;
  uint32_t belowNormal = 0;
  uint32_t vanishing = 0;
  uint32_t nonFinite = 0;
};

struct Summarize {
  template <size_t vectorBytes>
  TD_INLINE int run(const uint8_t* source, Summary* into, size_t count) {
    const Word* in = reinterpret_cast<const Word*>(source);
    Summary summary;
    for (size_t i = 0; i < count; i++) {
      const uint32_t bits = in[i];
      const uint32_t magnitude = bits & magnitudeMask;
      const bool finite = magnitude < infinityBits;
      const int32_t order = ordered(bits);
      summary.least = std::min(summary.least, finite ? order : INT32_MAX);
      summary.most = std::max(summary.most, finite ? order : INT32_MIN);
      // Zero becomes the largest number of all, NaN and infinity are no less than infinity.
      const uint32_t nonZero = magnitude - 1;
      summary.smallest = std::min(summary.smallest, nonZero < infinityBits ? magnitude : infinityBits);
      summary.belowNormal += nonZero < smallestNormalFloat16 - 1 ? 1u : 0u;
      summary.vanishing += nonZero < largestVanishing ? 1u : 0u;
      summary.nonFinite += finite ? 0u : 1u;
    }
    *into = summary;
    return 0;
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
      // The width is a power of two: the quotient is exact, or so small that its sign is all that counts; if it is rounded
      // to -0, the sign is that of the value.
      const float place = (finite ? in[i] : half) * inverseWidth;
      const bool inside = finite && place >= -half && place < half;
      const float kept = inside ? place : 0.0f;
      const int32_t truncated = static_cast<int32_t>(kept);
      const bool below = static_cast<float>(truncated) > kept || (kept == 0.0f && in[i] < 0.0f);
      const int32_t floored = truncated - (below ? 1 : 0);
      into[i] = inside ? floored : INT32_MIN;
      outside += inside ? 0u : 1u;
    }
    return outside;
  }
};

}  // namespace

double summarize(Bytes source, Doubles into) {
  require(source.size % 4 == 0, "summarize: not a whole number of elements");
  require(into.size == 5, "summarize: result does not have five elements");
  int32_t least = INT32_MAX;
  int32_t most = INT32_MIN;
  uint32_t smallest = infinityBits;
  uint64_t belowNormal = 0;
  uint64_t vanishing = 0;
  uint64_t nonFinite = 0;
  std::mutex merging;
  parallelFor(source.size / 4, 4, 64, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; i += block) {
      Summary mine;
      dispatch<Summarize>(static_cast<const uint8_t*>(source.data + i * 4), &mine, std::min(block, end - i));
      const std::lock_guard<std::mutex> guard(merging);
      least = std::min(least, mine.least);
      most = std::max(most, mine.most);
      smallest = std::min(smallest, mine.smallest);
      belowNormal += mine.belowNormal;
      vanishing += mine.vanishing;
      nonFinite += mine.nonFinite;
    }
  });
  const bool none = least > most;
  into.data[0] = std::bit_cast<float>(none ? infinityBits : bitsOf(least));
  into.data[1] = std::bit_cast<float>(none ? infinityBits | 0x80000000u : bitsOf(most));
  into.data[2] = std::bit_cast<float>(smallest);
  into.data[3] = static_cast<double>(belowNormal);
  into.data[4] = static_cast<double>(vanishing);
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
