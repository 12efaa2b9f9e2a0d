using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Graphs;

namespace LmmRec.Train.Tuning;

/// <summary>
/// What the frozen part of a tower gives for items, worked out once and kept in a file of the unfinished work, so that a step runs only the rest
/// (docs/encoders.md#kept-prefix). Any thread may read. What a killed run left is used again as far as its hashes are right.
/// </summary>
internal sealed class PrefixStore : IDisposable
{
    /// <summary>Why options without frozen blocks keep nothing.</summary>
    public const string NothingFrozen = "keeps what frozen blocks give, and none is frozen; say with lastBlocks how many are trained";

    private readonly FrozenPrefix _split;
    private readonly KeptPrefix _kind;
    private readonly Journal<KeptItem> _journal;
    private readonly Func<IReadOnlyList<int>, IReadOnlySet<string>, Batch> _feed;
    private readonly HashSet<string> _other; // inputs of the rest that are not kept
    private readonly Dictionary<int, (long Place, int[][] Shapes)> _items = [];

    /// <summary>An item's tensors, one behind the other in the entry's bytes.</summary>
    /// <param name="Item">its number</param>
    /// <param name="Shapes">of each tensor, without the axis of the items</param>
    /// <param name="Sha256">hash of the bytes: a power cut may lose some</param>
    private sealed record KeptItem(int Item, int[][] Shapes, string Sha256);

    private PrefixStore(FrozenPrefix split, KeptPrefix kind, Journal<KeptItem> journal, Func<IReadOnlyList<int>, IReadOnlySet<string>, Batch> feed)
    {
        (_split, _kind, _journal, _feed) = (split, kind, journal, feed);
        _other = [.. split.Rest.Inputs.Select(input => input.Name).Except(split.Kept)];
        foreach (var (place, entry) in journal.Entries)
            if (Hashing.OfBytes(journal.Bytes(place)) == entry.Sha256) _items[entry.Item] = (place, entry.Shapes);
    }

    /// <summary>Opens the store of a tower, and works out what a killed run did not leave.</summary>
    /// <param name="name">of its files and of the task</param>
    /// <param name="split">the tower in two, with kept tensors</param>
    /// <param name="kind">how the values are kept</param>
    /// <param name="items">numbers of all items</param>
    /// <param name="feed">what the whole tower is fed for some of them, at least the inputs that are named; from several threads</param>
    /// <param name="context">where the files lie, and what runs the frozen part</param>
    /// <param name="cancellation">ends the work between two items</param>
    public static async Task<PrefixStore> OpenAsync(
        string name, FrozenPrefix split, KeptPrefix kind, IReadOnlyList<int> items, Func<IReadOnlyList<int>, IReadOnlySet<string>, Batch> feed, StepContext context,
        CancellationToken cancellation)
    {
        var store = new PrefixStore(split, kind, new Journal<KeptItem>(context.Output.Unfinished, $"{name}-prefix"), feed);
        try
        {
            await store.FillAsync(name, items, context, cancellation);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>What the rest is fed for some items: their tensors, filled up with zeros to the longest, and what else it reads.</summary>
    public Batch Feed(IReadOnlyList<int> items)
    {
        var batch = _other.Count == 0 ? [] : _feed(items, _other);
        var rows = items.Select(item => Values(_items[item].Place)).ToList();
        var starts = new int[items.Count];
        foreach (var (k, name) in _split.Kept.Index())
        {
            var shapes = items.Select(item => _items[item].Shapes[k]).ToList();
            int[] shape = [.. Enumerable.Range(0, shapes[0].Length).Select(axis => shapes.Max(s => s[axis]))];
            var values = new float[items.Count * Size(shape)];
            for (var n = 0; n < items.Count; n++)
            {
                CopyPadded(rows[n].AsSpan(starts[n], Size(shapes[n])), shapes[n], values.AsSpan(n * Size(shape), Size(shape)), shape);
                starts[n] += Size(shapes[n]);
            }
            batch[name] = TensorData.Of(values, [items.Count, .. shape.Select(d => (long)d)]);
        }
        return batch;
    }

    public void Dispose() => _journal.Dispose();

    // An item alone, since its text is then as long as it is and not as long as those beside it.
    private async Task FillAsync(string name, IReadOnlyList<int> items, StepContext context, CancellationToken cancellation)
    {
        int[] missing = [.. items.Where(item => !_items.ContainsKey(item))];
        if (missing.Length == 0) return;
        context.Progress.Note(SizeOf(items) is { } size
            ? $"what the frozen blocks of {name} give takes {(size >> 20) + 1} MB of disk until the training ends"
            : $"what the frozen blocks of {name} give takes disk until the training ends; the encoder's file does not say how much");
        using var model = InferenceModel.Open(_split.Prefix, RuntimeOptions.Of(context));
        var inputs = model.Inputs.ToHashSet();
        using var progress = context.Progress.Start($"keep what the frozen blocks of {name} give", items.Count);
        progress.Advance(items.Count - missing.Length);
        await foreach (var (item, feed) in missing.ToAsyncEnumerable().SelectAheadAsync(item => (item, _feed([item], inputs)), context.Threads, cancellation))
        {
            var outputs = model.Run(feed.Only(model.Inputs), _split.Kept);
            int[][] shapes = [.. _split.Kept.Select(kept => outputs[kept].Shape[1..].Select(d => (int)d).ToArray())];
            byte[] bytes = [.. _split.Kept.SelectMany(kept => BytesOf(outputs[kept].As<float>()))];
            _items[item] = (_journal.Append(new KeptItem(item, shapes, Hashing.OfBytes(bytes)), bytes), shapes);
            progress.Advance(1);
        }
    }

    // Bytes that items take; null where shapes do not say it.
    private long? SizeOf(IReadOnlyList<int> items)
    {
        var size = new PrefixSize(_split, _kind);
        return size.Inputs.Count == 0 ? items.Count * size.Of([]) : items.Aggregate((long?)0, (sum, item) => sum + size.Of(_feed([item], size.Inputs)));
    }

    private byte[] BytesOf(float[] values)
    {
        if (_kind == KeptPrefix.Float32) return MemoryMarshal.AsBytes<float>(values).ToArray();
        var halves = new Half[values.Length];
        TensorPrimitives.ConvertToHalf(values, halves);
        return MemoryMarshal.AsBytes<Half>(halves).ToArray();
    }

    private float[] Values(long place)
    {
        var bytes = _journal.Bytes(place);
        if (_kind == KeptPrefix.Float32) return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
        var values = new float[bytes.Length / 2];
        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), values);
        return values;
    }

    private static int Size(ReadOnlySpan<int> shape)
    {
        var size = 1;
        foreach (var d in shape) size *= d;
        return size;
    }

    private static void CopyPadded(ReadOnlySpan<float> from, ReadOnlySpan<int> fromShape, Span<float> to, ReadOnlySpan<int> toShape)
    {
        if (fromShape.SequenceEqual(toShape))
        {
            from.CopyTo(to);
            return;
        }
        var (step, place) = (from.Length / fromShape[0], to.Length / toShape[0]);
        for (var i = 0; i < fromShape[0]; i++) CopyPadded(from.Slice(i * step, step), fromShape[1..], to.Slice(i * place, place), toShape[1..]);
    }
}
