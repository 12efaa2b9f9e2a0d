using System.Text.Json;
using System.Text.Json.Nodes;

namespace LmmRec.Artifacts.Configuration;

/// <summary>A configuration's text as JSON; comments and trailing commas are allowed, a key that stands twice is not.</summary>
public static class ConfigurationFile
{
    internal static readonly JsonDocumentOptions Lenient = new()
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
}
