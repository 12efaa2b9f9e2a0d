using Parquet;
using Parquet.Schema;

namespace LmmRec.Artifacts.Tables;

/// <summary>
/// Lists by Parquet's definition and repetition levels: an absent list has definition level 0, an empty one 1, an element 2; a row's first
/// entry has repetition level 0, each further one 1. The library's own list writer drops nulls silently, so the levels are made here.
/// </summary>
internal abstract class ListCodec<T>(string name, DataField element, string typeName)
    : ColumnCodec(new ListField(name, element), typeName)
{
    private const int Absent = 0, Empty = 1, Present = 2;

    public override Task WriteAsync(ParquetRowGroupWriter group, ParquetSchema schema, Array values, CancellationToken cancellation)
    {
        var lists = (T[]?[])values;
        var elements = new T[lists.Sum(list => list?.Length ?? 0)];
        var entries = lists.Sum(list => Math.Max(1, list?.Length ?? 0));
        var definitions = new int[entries];
        var repetitions = new int[entries];
        int entry = 0, element = 0;
        foreach (var list in lists)
        {
            if (list is null or { Length: 0 })
            {
                definitions[entry++] = list is null ? Absent : Empty;
                continue;
            }
            list.CopyTo(elements, element);
            definitions.AsSpan(entry, list.Length).Fill(Present);
            repetitions.AsSpan(entry + 1, list.Length - 1).Fill(1);
            entry += list.Length;
            element += list.Length;
        }
        return WriteAsync(group, Leaf(schema), elements, definitions, repetitions, cancellation);
    }

    public override async Task<Array> ReadAsync(ParquetRowGroupReader group, ParquetSchema schema, int rows, CancellationToken cancellation)
    {
        var leaf = Leaf(schema);
        var entries = checked((int)group.GetMetadata(leaf)!.MetaData!.NumValues);
        var definitions = new int[entries];
        var repetitions = new int[entries];
        var elements = await ReadAsync(group, leaf, entries, definitions, repetitions, cancellation);
        var lists = new T[]?[rows];
        int entry = 0, element = 0;
        for (var row = 0; row < rows; row++)
        {
            var first = entry++;
            var next = repetitions.AsSpan(entry).IndexOf(0);
            entry = next < 0 ? entries : entry + next;
            if (definitions[first] == Absent) continue;
            var length = definitions[first] == Empty ? 0 : entry - first;
            lists[row] = elements.AsSpan(element, length).ToArray();
            element += length;
        }
        return lists;
    }

    protected abstract Task WriteAsync(
        ParquetRowGroupWriter group, DataField leaf, T[] elements, int[] definitions, int[] repetitions, CancellationToken cancellation);

    /// <returns>The elements that are there, in order.</returns>
    protected abstract Task<T[]> ReadAsync(
        ParquetRowGroupReader group, DataField leaf, int entries, int[] definitions, int[] repetitions, CancellationToken cancellation);
}

internal sealed class VectorCodec(string name) : ListCodec<float>(name, new DataField<float>("element"), "list<float>")
{
    // As they lie in memory, vectors are written and read three times as fast as split into bytes and compressed, and take a fifth more.
    public override bool Compresses => false;

    protected override Task WriteAsync(
        ParquetRowGroupWriter group, DataField leaf, float[] elements, int[] definitions, int[] repetitions, CancellationToken cancellation) =>
        group.WriteAllPartsAsync<float>(leaf, elements, definitions, repetitions, cancellation);

    protected override async Task<float[]> ReadAsync(
        ParquetRowGroupReader group, DataField leaf, int entries, int[] definitions, int[] repetitions, CancellationToken cancellation)
    {
        var elements = new float[entries];
        await group.ReadRawAsync<float>(leaf, elements, definitions, repetitions, cancellation);
        return elements;
    }
}

internal sealed class StringsCodec(string name)
    : ListCodec<string>(name, new DataField<string>("element", false), "list<string>")
{
    protected override Task WriteAsync(
        ParquetRowGroupWriter group, DataField leaf, string[] elements, int[] definitions, int[] repetitions, CancellationToken cancellation) =>
        group.WriteAllPartsAsync<ReadOnlyMemory<char>>(
            leaf, Array.ConvertAll(elements, e => e.AsMemory()), definitions, repetitions, cancellation);

    protected override async Task<string[]> ReadAsync(
        ParquetRowGroupReader group, DataField leaf, int entries, int[] definitions, int[] repetitions, CancellationToken cancellation)
    {
        var elements = new ReadOnlyMemory<char>[entries];
        await group.ReadRawAsync<ReadOnlyMemory<char>>(leaf, elements, definitions, repetitions, cancellation);
        return Array.ConvertAll(elements, e => e.ToString());
    }
}
