using LmmRec.Graphs;

namespace LmmRec.Train.Tuning;

/// <summary>Rows of several tables of vectors that go together, by name.</summary>
internal static class Rows
{
    /// <summary>The rows of all parts below each other. A part is copied before the next one is asked for.</summary>
    /// <param name="rows">of all parts together</param>
    /// <param name="parts">tables [b, F] of the same names</param>
    public static IReadOnlyDictionary<string, TensorData> Join(int rows, IEnumerable<IReadOnlyDictionary<string, TensorData>> parts)
    {
        var (tables, done) = (new Dictionary<string, float[]>(), 0);
        foreach (var part in parts)
        {
            foreach (var (name, vectors) in part)
            {
                var width = (int)vectors.Shape[1];
                if (!tables.TryGetValue(name, out var table)) tables[name] = table = new float[rows * width];
                vectors.As<float>().CopyTo(table.AsSpan(done * width));
            }
            done += (int)part.Values.First().Shape[0];
        }
        return tables.ToDictionary(table => table.Key, table => TensorData.Of(table.Value, rows, table.Value.Length / rows));
    }

    /// <summary>Some of the rows, in the order of <paramref name="rows"/>.</summary>
    public static IReadOnlyDictionary<string, TensorData> Of(IReadOnlyDictionary<string, TensorData> tables, IReadOnlyList<int> rows) =>
        tables.ToDictionary(table => table.Key, table =>
        {
            var (all, width) = (table.Value.As<float>(), (int)table.Value.Shape[1]);
            var chosen = new float[rows.Count * width];
            foreach (var (to, from) in rows.Index()) all.AsSpan(from * width, width).CopyTo(chosen.AsSpan(to * width));
            return TensorData.Of(chosen, rows.Count, width);
        });
}
