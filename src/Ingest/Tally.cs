using System.Text.Json.Nodes;

namespace LmmRec.Ingest;

/// <summary>Counts names, of which the most frequent are told.</summary>
internal sealed class Tally
{
    // Rubbish has a cause of its own in every line.
    private const int MostNames = 10_000, Told = 10;

    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private long _others;

    public void Add(string name)
    {
        if (_counts.Count < MostNames || _counts.ContainsKey(name)) _counts[name] = _counts.GetValueOrDefault(name) + 1;
        else _others++;
    }

    /// <summary>The ten most frequent, the first ones first, and how many others there are.</summary>
    public JsonObject ToJson()
    {
        var ordered = _counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).ToList();
        var json = new JsonObject(ordered.Take(Told).Select(c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value)));
        if (ordered.Skip(Told).Sum(c => c.Value) + _others is > 0 and var others) json["others"] = others;
        return json;
    }
}
