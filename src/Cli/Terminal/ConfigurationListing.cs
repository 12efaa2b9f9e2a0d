using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;

namespace LmmRec.Cli.Terminal;

/// <summary>
/// A configuration with all its values, each with a comment that says where it came from. The listing is a configuration itself, and means the same
/// but for the password of a proxy, which is not told: listings go into logs and questions to others.
/// </summary>
internal sealed class ConfigurationListing
{
    // A longer value pushes its own comment to the right, not those of the others.
    private const int WidestColumn = 60;

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly EffectiveConfiguration _configuration;
    private readonly List<(string Text, string? Comment)> _lines = [];

    private ConfigurationListing(EffectiveConfiguration configuration) => _configuration = configuration;

    /// <summary>The lines of the listing.</summary>
    public static IEnumerable<string> Of(EffectiveConfiguration configuration)
    {
        var listing = new ConfigurationListing(configuration);
        listing.Write("", configuration.Values(), "", "", "");
        var width = listing._lines.Where(line => line.Comment is not null && line.Text.Length <= WidestColumn).Max(line => line.Text.Length);
        return listing._lines.Select(line => line.Comment is null ? line.Text : $"{line.Text.PadRight(width)}  // {line.Comment}").Prepend(Heading(configuration));
    }

    private static string Heading(EffectiveConfiguration configuration) => (configuration.File, configuration.IsSample) switch
    {
        (null, true) => $"// the sample's configuration; there is no {EffectiveConfiguration.DefaultFile} here",
        (null, false) => $"// the defaults; there is no {EffectiveConfiguration.DefaultFile} here",
        ({ } file, true) => $"// {file}, which extends the sample's configuration",
        ({ } file, false) => $"// {file}, which extends the defaults",
    };

    private void Write(string indent, JsonNode? value, string label, string key, string comma)
    {
        switch (value)
        {
            case JsonObject members:
                Block('{', [.. members.Where(m => Shown(Join(key, m.Key))).Select(m => (Label: $"\"{m.Key}\": ", Key: Join(key, m.Key), m.Value))], '}');
                break;
            case JsonArray list when list.Any(element => element is JsonObject):
                Block('[', [.. list.Select((element, i) => ("", Join(key, i.ToString(CultureInfo.InvariantCulture)), element))], ']');
                break;
            case JsonArray list:
                _lines.Add(($"{indent}{label}[{string.Join(", ", list.Select(element => element!.ToJsonString(Readable)))}]{comma}", Comment(key)));
                break;
            case JsonValue proxy when key.EndsWith("ingest.proxy", StringComparison.Ordinal) && ProxyAddress.Masked((string)proxy!) is { } masked:
                _lines.Add(($"{indent}{label}{JsonValue.Create(masked).ToJsonString(Readable)}{comma}", $"{Comment(key)}; its password is not shown"));
                break;
            default:
                _lines.Add(($"{indent}{label}{value?.ToJsonString(Readable) ?? "null"}{comma}", Comment(key)));
                break;
        }

        void Block(char open, List<(string Label, string Key, JsonNode? Value)> parts, char close)
        {
            if (parts.Count == 0)
            {
                _lines.Add(($"{indent}{label}{open}{close}{comma}", null));
                return;
            }
            _lines.Add(($"{indent}{label}{open}", null));
            foreach (var (i, part) in parts.Index()) Write(indent + "  ", part.Value, part.Label, part.Key, i < parts.Count - 1 ? "," : "");
            _lines.Add(($"{indent}{close}{comma}", null));
        }
    }

    // What has no effect is shown only where the user gave it.
    private bool Shown(string key) => !_configuration.IsUnused(key) || _configuration.Layers.IsGiven(key);

    private string Comment(string key)
    {
        var origin = _configuration.Layers.OriginOf(key) switch
        {
            Origin.File => Path.GetFileName(_configuration.File!),
            Origin.CommandLine => "command line",
            Origin.Base when _configuration.IsSample => "sample",
            _ => "default",
        };
        return _configuration.IsUnused(key) ? $"{origin}; not used" : origin;
    }

    private static string Join(string key, string name) => key.Length == 0 ? name : $"{key}.{name}";
}
