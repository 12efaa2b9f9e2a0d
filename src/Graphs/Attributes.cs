using System.Collections.Immutable;
using System.Globalization;

namespace LmmRec.Graphs;

/// <summary>A node's attributes in the order of their names: <c>long</c>, <c>float</c>, <c>string</c>, <c>long[]</c>, <c>float[]</c> or <see cref="TensorData"/>.</summary>
internal sealed class Attributes
{
    public static readonly Attributes None = new();

    private readonly ImmutableSortedDictionary<string, object> _values;

    public Attributes(params (string Name, object? Value)[] values) =>
        _values = values.Where(v => v.Value is not null).ToImmutableSortedDictionary(v => v.Name, v => v.Value!, StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, object>> All => _values;

    public long Int(string name, long otherwise) => _values.GetValueOrDefault(name) is long value ? value : otherwise;

    public float Float(string name, float otherwise) => _values.GetValueOrDefault(name) is float value ? value : otherwise;

    public string String(string name, string otherwise) => _values.GetValueOrDefault(name) as string ?? otherwise;

    public long[]? Ints(string name) => _values.GetValueOrDefault(name) as long[];

    public TensorData? Value(string name) => _values.GetValueOrDefault(name) as TensorData;

    public Attributes With(string name, object value) => new([.. Without([name]).All.Select(v => (v.Key, (object?)v.Value)), (name, value)]);

    public Attributes Without(string[] names) => new([.. _values.Where(v => !names.Contains(v.Key)).Select(v => (v.Key, (object?)v.Value))]);

    /// <summary>The same text for the same attributes; what tells two nodes apart beside operator and inputs.</summary>
    public override string ToString() => string.Join(';', _values.Select(v => v.Key + "=" + v.Value switch
    {
        long[] ints => string.Join(',', ints),
        float[] floats => string.Join(',', floats.Select(f => f.ToString("R", CultureInfo.InvariantCulture))),
        TensorData data => $"{data.Type}[{string.Join(',', data.Shape)}]({string.Join(',', data.Values.Cast<object>().Select(v => Convert.ToString(v, CultureInfo.InvariantCulture)))})",
        float f => f.ToString("R", CultureInfo.InvariantCulture),
        var other => other,
    }));
}
