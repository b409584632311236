// What each kernel computes, and within which bounds. The TypeScript file of the same name in src/kernels is the
// specification: both give the same bits for all inputs. Sources and results never overlap. Bytes need no alignment.
// A result or source that is too small is a bug of the caller and throws std::range_error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace td {

struct Bytes {
  uint8_t* data;
  size_t size;
};

struct Floats {
  float* data;
  size_t size;
};

struct Doubles {
  double* data;
  size_t size;
};

// A tensor seen as [outer, channels, inner]: channel c is every element [*, c, *]. One scale in all: [1, 1, n];
// per column of [K, N]: [K, N, 1]; per row: [1, K, N].
struct Channels {
  size_t outer;
  size_t channels;
  size_t inner;
};

/// into[c - firstColumn][r] = source[r][c] for columns [firstColumn, firstColumn + columnCount) of a [rows, columns]
/// matrix whose elements have 1, 2 or 4 bytes. Moves bits: NaN payloads survive.
void transpose(Bytes source, size_t rows, size_t columns, size_t elementBytes, size_t firstColumn, size_t columnCount,
               Bytes into);

/// Round to nearest, ties to even; subnormals exact; NaN stays a quiet NaN with its sign and upper payload bits.
/// Returns how many finite elements became infinite: 65520 and above for float16.
double float32ToFloat16(Bytes source, Bytes into);
double float32ToBfloat16(Bytes source, Bytes into);

/// Exact. A signalling float16 NaN becomes quiet; bfloat16 keeps all bits.
void float16ToFloat32(Bytes source, Bytes into);
void bfloat16ToFloat32(Bytes source, Bytes into);

/// into[c] = largest |x| of channel c, over finite elements of float32; 0 for an empty channel.
/// Returns how many elements are NaN or infinite.
double absmax(Bytes source, size_t outer, size_t channels, size_t inner, Floats into);

/// How many elements are NaN or infinite. format: 'float32', 'float16' or 'bfloat16'.
double countNonFinite(Bytes source, const std::string& format);

/// into = {smallest, largest finite float32, -0 before 0; smallest magnitude that is not 0; how many that are not 0 lie below
/// 2^-14, and at or below 2^-25}; {inf, -inf, inf, 0, 0} when there is none. Returns how many elements are NaN or infinite.
double summarize(Bytes source, Doubles into);

/// Adds one to counts[counts.size / 2 + floor(x / width)] for every finite float32 that falls into a bin; width is a power of
/// two, so bins are exact, and two neighbours that begin at an even one are one bin of the double width. Returns how many
/// elements fell into none.
double histogram(Bytes source, double width, Doubles counts);

/// into = clamp(x / scale of its channel, -limit, limit), rounded to nearest, ties to even; limit is 127 or 64, so that
/// int8 never overflows. The quotient is rounded to float32 first. NaN and infinity give 0; returns how many there were.
double quantizeInt8(Bytes source, size_t outer, size_t channels, size_t inner, Floats scales, double limit, Bytes into);

/// A float32 matrix in codes of 4 or 8 bits, a scale for each block of a row, and a zero point for each, or for none: then
/// it is the middle. layout 'columns': the matrix lies transposed. values is [rows, blocks, blockSize x bits / 8], the first
/// of two codes in the lower half of a byte; scales [rows, blocks]; zeroPoints packed like values, row by row. Missing
/// elements of the last block count as 0. iterations: 0 rounds to nearest; more refine the scale. NaN and infinity
/// count as 0; returns how many there were.
double quantizeBlocks(Bytes source, size_t rows, size_t columns, const std::string& layout, size_t bits,
                      size_t blockSize, size_t iterations, Bytes values, Floats scales, Bytes zeroPoints);

/// Copies bytes between open files inside the kernel where it can (sharing blocks on file systems that do).
/// Returns the bytes copied: fewer only at the end of `from`.
double copyFileRange(int32_t from, double fromOffset, int32_t to, double toOffset, double byteLength);

/// Instruction sets that the kernels may use: 'baseline', 'avx2' or 'avx512'; selectIsa serves the tests.
std::string isa();
void selectIsa(const std::string& name);

inline void require(bool condition, const char* message) {
  if (!condition) throw std::range_error(message);
}

}  // namespace td
