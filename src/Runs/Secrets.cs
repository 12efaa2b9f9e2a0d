using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LmmRec.Artifacts;

namespace LmmRec.Runs;

/// <summary>Takes user names and passwords out of the addresses of a configuration, and puts them back.</summary>
public static partial class Secrets
{
    /// <summary>The configuration without them.</summary>
    /// <returns>The rest, and the dotted keys of what lacks something.</returns>
    public static (JsonObject Bare, IReadOnlyList<string> Withheld) TakeOut(JsonObject configuration)
    {
        var rest = (JsonObject)configuration.DeepClone();
        var withheld = new List<string>();
        foreach (var (key, value) in Texts(rest, "").ToList())
        {
            if (Bare(value.GetValue<string>()) is not { } bare) continue;
            value.ReplaceWith(bare);
            withheld.Add(key);
        }
        return (rest, withheld);
    }

    /// <summary>Puts back what <see cref="TakeOut"/> took.</summary>
    /// <param name="rest">changed in place</param>
    /// <param name="withheld">the keys of what lacks something</param>
    /// <param name="source">a configuration that has the same addresses with user name and password</param>
    /// <param name="fault">what to say of a key that it has not</param>
    /// <exception cref="ConfigurationException">Names each such key.</exception>
    public static void PutBack(JsonObject rest, IReadOnlyList<string> withheld, JsonObject source, Func<string, string> fault)
    {
        var (lacking, having) = (Texts(rest, "").ToDictionary(), Texts(source, "").ToDictionary());
        var faults = new List<string>();
        foreach (var key in withheld)
        {
            if (lacking.TryGetValue(key, out var bare) && having.TryGetValue(key, out var whole) && Bare(whole.GetValue<string>()) == bare.GetValue<string>()) bare.ReplaceWith(whole.GetValue<string>());
            else faults.Add(fault(key));
        }
        if (faults.Count > 0) throw new ConfigurationException(faults);
    }

    private static string? Bare(string text) => UserInfo().IsMatch(text) ? UserInfo().Replace(text, "") : null;

    private static IEnumerable<KeyValuePair<string, JsonValue>> Texts(JsonNode? node, string path) => node switch
    {
        JsonObject inner => inner.SelectMany(child => Texts(child.Value, path.Length == 0 ? child.Key : $"{path}.{child.Key}")),
        JsonArray list => list.Index().SelectMany(child => Texts(child.Item, $"{path}.{child.Index}")),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => [new(path, value)],
        _ => [],
    };

    [GeneratedRegex(@"(?<=^[A-Za-z][A-Za-z0-9+.\-]*://)[^/?#]*@")]
    private static partial Regex UserInfo();
}
