using System.Text.Json.Nodes;
using LmmRec.Artifacts.Configuration;

namespace LmmRec.Train.Recommenders;

/// <summary>One point of a grid.</summary>
/// <param name="Name">the values that were varied, such as <c>reg=0.01</c>; empty when there is only one setting</param>
/// <param name="Options">the recommender's options record</param>
public sealed record Setting(string Name, object Options);

/// <summary>Hyper-parameters whose values may be lists: the settings are the cartesian product (docs/recommenders.md#training).</summary>
public static class Grid
{
    /// <summary>The settings of <paramref name="json"/>, in the order of its keys and lists.</summary>
    public static IReadOnlyList<Setting> Expand(Type optionsType, JsonObject json) =>
        [.. Points(json).Select(point => new Setting(Describe(json, point), ConfigurationBinder.TryBind(optionsType, point, "").Value))];

    /// <summary>What is wrong with any of the settings.</summary>
    public static IEnumerable<(string Key, string Text)> Faults(Type optionsType, JsonObject json)
    {
        foreach (var (key, value) in json)
            if (value is JsonArray { Count: 0 })
                yield return (key, "is an empty list; give one value or several");
        foreach (var fault in Points(json).SelectMany(point => ConfigurationBinder.TryBind(optionsType, point, "").Faults))
        {
            var colon = fault.IndexOf(": ", StringComparison.Ordinal);
            yield return (fault[..colon], fault[(colon + 2)..]);
        }
    }

    private static List<JsonObject> Points(JsonObject json)
    {
        List<JsonObject> points = [[]];
        foreach (var (key, value) in json)
        {
            JsonNode?[] choices = value is JsonArray list ? [.. list] : [value];
            points = [.. points.SelectMany(point => choices.Select(choice => new JsonObject(point.Select(Clone)) { [key] = choice?.DeepClone() }))];
        }
        return points;

        static KeyValuePair<string, JsonNode?> Clone(KeyValuePair<string, JsonNode?> pair) => new(pair.Key, pair.Value?.DeepClone());
    }

    private static string Describe(JsonObject grid, JsonObject point) =>
        string.Join(' ', grid.Where(p => p.Value is JsonArray { Count: > 1 }).Select(p => $"{p.Key}={point[p.Key]?.ToJsonString()}"));
}
