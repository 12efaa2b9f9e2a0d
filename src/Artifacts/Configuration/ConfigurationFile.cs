using System.Text.Json;
using System.Text.Json.Nodes;

namespace LmmRec.Artifacts.Configuration;

/// <summary>A configuration as JSON, before it is bound: read from a file (comments allowed) and changed by dotted overrides.</summary>
public static class ConfigurationFile
{
    private static readonly JsonDocumentOptions Lenient = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>Reads the configuration <paramref name="json"/>; <paramref name="name"/> is what messages call it.</summary>
    /// <exception cref="ConfigurationException">It is no JSON object.</exception>
    public static JsonObject Parse(string json, string name)
    {
        try
        {
            var node = JsonNode.Parse(json, documentOptions: Lenient);
            return node as JsonObject ?? throw new ConfigurationException([$"{name}: must be a JSON object {{ … }}"]);
        }
        catch (JsonException e)
        {
            throw new ConfigurationException([$"{name}: is no valid JSON: {e.Message}"]);
        }
    }

    /// <summary>Applies an override <c>dotted.key=value</c>; list elements by index (<c>encoders.0.name=x</c>).</summary>
    /// <returns>The fault, or null. Unknown keys are the binder's to find.</returns>
    public static string? Override(JsonObject root, string text)
    {
        var split = text.IndexOf('=', StringComparison.Ordinal);
        if (split <= 0) return $"--set {text}: must be key=value, such as train.epochs=5";
        var path = text[..split].Split('.');
        var value = ParseValue(text[(split + 1)..]);
        JsonNode at = root;
        for (var i = 0; i < path.Length; i++)
        {
            var last = i == path.Length - 1;
            switch (at)
            {
                case JsonObject container when last:
                    container[path[i]] = value;
                    break;
                case JsonObject container:
                    if (container[path[i]] is not { } child) container[path[i]] = child = new JsonObject();
                    at = child;
                    break;
                case JsonArray list when !int.TryParse(path[i], out var index) || index < 0 || index >= list.Count:
                    return $"--set {text}: '{string.Join('.', path[..i])}' is a list of {list.Count}; '{path[i]}' is no index from 0 to {list.Count - 1}";
                case JsonArray list when last:
                    list[int.Parse(path[i], System.Globalization.CultureInfo.InvariantCulture)] = value;
                    break;
                case JsonArray list:
                    at = list[int.Parse(path[i], System.Globalization.CultureInfo.InvariantCulture)]!;
                    break;
                default:
                    return $"--set {text}: '{string.Join('.', path[..i])}' is a plain value and has no '{path[i]}'";
            }
        }
        return null;
    }

    // 5, true, [1, 2] and {"a": 1} are JSON; anything else is the string that was typed.
    private static JsonNode? ParseValue(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: Lenient);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
