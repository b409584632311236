#include <algorithm>

#include "kernels.h"
#include "parallel.h"
#include "simd.h"
#include "tile.h"

namespace td {
namespace {

// Rows that are worked on together: few enough that their pages stay in the TLB while the columns go by, and enough that
// each visit to a row of the result writes several cache lines.
constexpr size_t rowBlock = 128;

template <typename Element>
struct TransposeBlock {
  TD_INLINE void scalar(const uint8_t* source, size_t sourceStride, uint8_t* into, size_t intoStride, size_t rows,
                        size_t columns) {
    typedef Element Unaligned [[gnu::aligned(1), gnu::may_alias]];
    for (size_t c = 0; c < columns; c++) {
      for (size_t r = 0; r < rows; r++) {
        reinterpret_cast<Unaligned*>(into + c * intoStride)[r] =
            reinterpret_cast<const Unaligned*>(source + r * sourceStride)[c];
      }
    }
  }

  /// `source` is the first element of a [rows, columns] part; strides are in bytes.
  template <size_t vectorBytes>
  TD_INLINE void run(const uint8_t* source, size_t sourceStride, uint8_t* into, size_t intoStride, size_t rows,
                     size_t columns) {
    // A tile of 16 rows fits the registers of each instruction set; wider ones of small elements would not.
    constexpr size_t width = std::min<size_t>(16, vectorBytes / sizeof(Element));
    const size_t wholeRows = rows / width * width;
    const size_t wholeColumns = columns / width * width;
    for (size_t c = 0; c < wholeColumns; c += width) {
      for (size_t r = 0; r < wholeRows; r += width) {
        Tile<Element, width>::transpose(source + r * sourceStride + c * sizeof(Element), sourceStride,
                                        into + c * intoStride + r * sizeof(Element), intoStride);
      }
    }
    scalar(source + wholeRows * sourceStride, sourceStride, into + wholeRows * sizeof(Element), intoStride,
           rows - wholeRows, columns);
    scalar(source + wholeColumns * sizeof(Element), sourceStride, into + wholeColumns * intoStride, intoStride,
           wholeRows, columns - wholeColumns);
  }
};

template <typename Element>
void transposeElements(const uint8_t* source, size_t rows, size_t columns, size_t columnCount, uint8_t* into) {
  const size_t sourceStride = columns * sizeof(Element);
  const size_t intoStride = rows * sizeof(Element);
  parallelFor(rows, columnCount * sizeof(Element), rowBlock, [=](size_t begin, size_t end) {
    for (size_t r = begin; r < end; r += rowBlock) {
      dispatch<TransposeBlock<Element>>(source + r * sourceStride, sourceStride, into + r * sizeof(Element), intoStride,
                                        std::min(rowBlock, end - r), columnCount);
    }
  });
}

}  // namespace

void transpose(Bytes source, size_t rows, size_t columns, size_t elementBytes, size_t firstColumn, size_t columnCount,
               Bytes into) {
  require(elementBytes == 1 || elementBytes == 2 || elementBytes == 4, "transpose: element of 1, 2 or 4 bytes expected");
  require(source.size == rows * columns * elementBytes, "transpose: source does not have rows x columns elements");
  require(firstColumn + columnCount <= columns, "transpose: columns outside the source");
  require(into.size == rows * columnCount * elementBytes, "transpose: result does not have rows x columnCount elements");
  const uint8_t* first = source.data + firstColumn * elementBytes;
  if (elementBytes == 4) transposeElements<uint32_t>(first, rows, columns, columnCount, into.data);
  if (elementBytes == 2) transposeElements<uint16_t>(first, rows, columns, columnCount, into.data);
  if (elementBytes == 1) transposeElements<uint8_t>(first, rows, columns, columnCount, into.data);
}

}  // namespace td
