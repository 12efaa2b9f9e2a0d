using LmmRec.Graphs;

namespace LmmRec.Train.Tuning;

/// <summary>Rows of several tables of vectors that go together, by name.</summary>
internal static class Rows
{
    /// <summary>The rows of all parts below each other.</summary>
    public static IReadOnlyDictionary<string, TensorData> Join(IReadOnlyList<IReadOnlyDictionary<string, TensorData>> parts) =>
        parts[0].Keys.ToDictionary(name => name, name => Join([.. parts.Select(part => part[name])]));

    /// <summary>Some of the rows, in the order of <paramref name="rows"/>.</summary>
    public static IReadOnlyDictionary<string, TensorData> Of(IReadOnlyDictionary<string, TensorData> tables, IReadOnlyList<int> rows) =>
        tables.ToDictionary(table => table.Key, table =>
        {
            var (all, width) = (table.Value.As<float>(), (int)table.Value.Shape[1]);
            var chosen = new float[rows.Count * width];
            foreach (var (to, from) in rows.Index()) all.AsSpan(from * width, width).CopyTo(chosen.AsSpan(to * width));
            return TensorData.Of(chosen, rows.Count, width);
        });

    private static TensorData Join(IReadOnlyList<TensorData> parts)
    {
        float[] values = [.. parts.SelectMany(part => part.As<float>())];
        return TensorData.Of(values, values.Length / parts[0].Shape[1], parts[0].Shape[1]);
    }
}
