using LmmRec.Artifacts;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Weights;

/// <summary>Takes a tensor out of its storage by offset, shape and strides.</summary>
internal static class TorchView
{
    /// <summary>The numbers of <paramref name="tensor"/>, row-major; the storage itself where they are all of it in that order.</summary>
    /// <exception cref="InvalidInputException">The tensor reaches beyond the storage.</exception>
    /// <exception cref="OverflowException">It would reach beyond any memory.</exception>
    public static TensorData Of(string name, TorchTensor tensor, float[] storage, string path)
    {
        var (shape, strides) = (tensor.Shape, tensor.Strides);
        var (size, last) = (1L, tensor.Offset);
        for (var d = 0; d < shape.Length; d++)
        {
            size = checked(size * shape[d]);
            last = checked(last + Math.Max(0, shape[d] - 1) * strides[d]);
        }
        if (size > 0 && (last >= storage.LongLength || size > storage.LongLength))
            throw new InvalidInputException($"{path}: tensor '{name}' of shape [{string.Join(", ", shape)}] reaches beyond its storage of {storage.LongLength} values");
        var values = size == storage.LongLength && IsRowMajor(shape, strides) ? storage : new float[size];
        if (values != storage && size > 0) Copy(0, tensor.Offset, 0);
        return TensorData.Of(values, shape).Reshaped(shape);

        long Copy(int dimension, long from, long to)
        {
            if (dimension == shape.Length)
            {
                values[to] = storage[from];
                return to + 1;
            }
            for (var i = 0L; i < shape[dimension]; i++) to = Copy(dimension + 1, from + i * strides[dimension], to);
            return to;
        }
    }

    private static bool IsRowMajor(long[] shape, long[] strides)
    {
        var expected = 1L;
        for (var d = shape.Length - 1; d >= 0; d--)
        {
            if (shape[d] != 1 && strides[d] != expected) return false;
            expected *= shape[d];
        }
        return true;
    }
}
