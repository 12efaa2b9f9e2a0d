using LmmRec.Encoders;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace LmmRec.MachineLearning;

/// <summary>Makes the vectors of a column, many rows at a time.</summary>
/// <param name="width">values of a vector</param>
/// <param name="window">rows that are encoded together</param>
internal abstract class EncodedColumn(int width, int window)
{
    public int Width => width;

    /// <summary>What a column must give: ML.NET's raw type.</summary>
    public abstract Type Input { get; }

    /// <summary>Reads the next rows of <paramref name="cursor"/>, as many as are encoded together or are left, and encodes them.</summary>
    /// <returns>By row its vector; null: there is none.</returns>
    public abstract float[]?[] Next(DataViewRowCursor cursor, DataViewSchema.Column column);

    protected List<T> Read<TValue, T>(DataViewRowCursor cursor, DataViewSchema.Column column, Func<TValue, T> copy) where TValue : struct
    {
        var getter = cursor.GetGetter<TValue>(column);
        var values = new List<T>(window);
        var value = default(TValue);
        while (values.Count < window && cursor.MoveNext())
        {
            getter(ref value);
            values.Add(copy(value));
        }
        return values;
    }
}

/// <summary>Files of pictures.</summary>
internal sealed class PictureColumn(PictureEncoder encoder) : EncodedColumn(encoder.Width, encoder.BatchSize)
{
    public override Type Input => typeof(VBuffer<byte>);

    public override float[]?[] Next(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        var files = Read<VBuffer<byte>, byte[]>(cursor, column, file => [.. file.DenseValues()]);
        lock (encoder)
        {
            var batch = encoder.NewBatch();
            var there = new bool[files.Count];
            Parallel.For(0, files.Count, row => there[row] = files[row].Length > 0 && batch.TrySet(row, files[row], out _));
            if (!there.Contains(true)) return new float[]?[files.Count];
            var vectors = encoder.Run(batch); // [B × F]
            return [.. there.Select((ok, row) => ok ? vectors[(row * Width)..((row + 1) * Width)] : null)];
        }
    }
}

/// <summary>Texts. A batch is of one length, so many are read for few batches to have empty rows.</summary>
internal sealed class TextColumn(TextEncoder encoder) : EncodedColumn(encoder.Width, BatchesAtATime * encoder.BatchSize)
{
    private const int BatchesAtATime = 16;

    public override Type Input => typeof(ReadOnlyMemory<char>);

    public override float[]?[] Next(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        var texts = Read<ReadOnlyMemory<char>, string>(cursor, column, text => text.ToString());
        var vectors = new float[]?[texts.Count];
        lock (encoder)
        {
            var there = texts.Index().Where(text => text.Item.Length > 0).ToList();
            var encoded = encoder.VectorsOf([.. there.Select(text => encoder.Tokenize(text.Item))]);
            foreach (var (i, (row, _)) in there.Index()) vectors[row] = encoded[i];
        }
        return vectors;
    }
}
