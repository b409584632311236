// A square of elements that changes rows and columns within the vector registers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "simd.h"

namespace td {

template <typename Element, size_t width>
struct Tile {
  static constexpr size_t vectorBytes = width * sizeof(Element);
  typedef Element Vector [[gnu::vector_size(vectorBytes)]];
  typedef Element Unaligned [[gnu::vector_size(vectorBytes), gnu::aligned(1), gnu::may_alias]];

  template <size_t... lane>
  TD_INLINE void interleave(const Vector& a, const Vector& b, Vector& low, Vector& high, std::index_sequence<lane...>) {
    low = __builtin_shufflevector(a, b, (lane / 2 + (lane % 2) * width)...);
    high = __builtin_shufflevector(a, b, (width / 2 + lane / 2 + (lane % 2) * width)...);
  }

  /// width x width elements. Interleaving row i with row i + width / 2 moves one bit of the row number into the column
  /// number; after log2(width) rounds they have changed places.
  TD_INLINE void transpose(const uint8_t* source, size_t sourceStride, uint8_t* into, size_t intoStride) {
    Vector rows[width];
    Vector mixed[width];
    for (size_t i = 0; i < width; i++) rows[i] = *reinterpret_cast<const Unaligned*>(source + i * sourceStride);
#pragma GCC unroll 5
    for (size_t round = 1; round < width; round *= 2) {
#pragma GCC unroll 16
      for (size_t i = 0; i < width / 2; i++) {
        interleave(rows[i], rows[i + width / 2], mixed[2 * i], mixed[2 * i + 1], std::make_index_sequence<width>());
      }
#pragma GCC unroll 32
      for (size_t i = 0; i < width; i++) rows[i] = mixed[i];
    }
    for (size_t i = 0; i < width; i++) *reinterpret_cast<Unaligned*>(into + i * intoStride) = rows[i];
  }
};

}  // namespace td
