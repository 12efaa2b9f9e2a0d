using System.Text.Json;

namespace LmmRec.Artifacts.Store;

/// <summary>Reads an artifact's <c>timings.json</c>. No hash guards that file and nothing else depends on it: what is missing or cannot be read is null.</summary>
public sealed class Timings
{
    private readonly JsonElement _values;

    private Timings(JsonElement values) => _values = values;

    /// <summary>Seconds that the step took.</summary>
    public double? Seconds => Number("seconds");

    /// <summary>The most memory that the process held while the step ran, steps beside it included, in MiB.</summary>
    public double? PeakMegabytes => Number("peakMegabytes");

    /// <summary>Reads those of the artifact in <paramref name="folder"/>.</summary>
    public static Timings Of(string folder)
    {
        var path = Path.Combine(folder, Manifest.TimingsFileName);
        if (!File.Exists(path)) return new Timings(default);
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return new Timings(json.RootElement.Clone());
        }
        catch (JsonException)
        {
            return new Timings(default);
        }
    }

    /// <summary>The text under <paramref name="key"/>.</summary>
    public string? Text(string key) => Value(key) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>The whole number under <paramref name="key"/>.</summary>
    public int? Count(string key) => Value(key) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var count) ? count : null;

    /// <summary>The values under <paramref name="key"/>.</summary>
    public Timings Section(string key) => new(Value(key) ?? default);

    private double? Number(string key) => Value(key) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;

    private JsonElement? Value(string key) => _values.ValueKind == JsonValueKind.Object && _values.TryGetProperty(key, out var value) ? value : null;
}
