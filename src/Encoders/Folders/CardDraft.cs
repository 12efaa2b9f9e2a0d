using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders.Cards;

namespace LmmRec.Encoders.Folders;

/// <summary>A card that is being written: each value with the place that it comes from.</summary>
internal sealed class CardDraft
{
    private const string Imported = "imported"; // the key of what is written into it

    private readonly JsonObject _card = [];
    private readonly SortedDictionary<string, string> _origins = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Key, string Value), InvalidInputException> _forbidden = [];

    /// <summary>Sets the value with the dotted key <paramref name="key"/>.</summary>
    /// <param name="key">such as <c>image.crop</c></param>
    /// <param name="value">the value</param>
    /// <param name="origin">file and field, or what it is worked out from; null: it needs no word</param>
    /// <exception cref="InvalidInputException">The value was forbidden.</exception>
    public void Set(string key, JsonNode value, string? origin)
    {
        if (_forbidden.TryGetValue((key, value.ToString()), out var why)) throw why;
        var (parent, parts) = (_card, key.Split('.'));
        foreach (var part in parts[..^1]) parent = (JsonObject)(parent[part] ??= new JsonObject());
        parent[parts[^1]] = value;
        if (origin is not null) _origins[key] = origin;
    }

    /// <summary>What the value of <paramref name="key"/> comes from.</summary>
    public string OriginOf(string key) => _origins[key];

    /// <summary>Refuses a value, should it come to it later.</summary>
    public void Forbid(string key, string value, InvalidInputException why) => _forbidden[(key, value)] = why;

    /// <summary>The card as JSON, without the places that its values come from.</summary>
    public override string ToString() => _card.ToJsonString(Settings.Readable);

    /// <summary>Whether the card in <paramref name="folder"/> is as an import wrote it, so that nothing is lost when another takes its place.</summary>
    public static bool IsUntouched(string folder)
    {
        var path = Path.Combine(folder, EncoderCard.FileName);
        var card = ConfigurationFile.Parse(File.ReadAllText(path), path);
        var written = card[Imported]?.ToString();
        card.Remove(Imported);
        return written == HashOf(card);
    }

    /// <summary>Writes the card into <paramref name="folder"/> and reads it back.</summary>
    /// <exception cref="InvalidInputException">A card does not allow a value; its origin is named.</exception>
    public EncoderCard Write(string folder)
    {
        _card["origins"] = new JsonObject(_origins.Select(o => KeyValuePair.Create(o.Key, (JsonNode?)o.Value)));
        _card.Remove(Imported);
        _card[Imported] = HashOf(_card);
        FileSystem.WriteAtomically(Path.Combine(folder, EncoderCard.FileName), stream => JsonSerializer.Serialize(stream, _card, Settings.Readable));
        try
        {
            return EncoderCard.Read(folder);
        }
        catch (ConfigurationException e)
        {
            throw new InvalidInputException(string.Join("; ", e.Faults.Select(WithOrigin)), e);
        }
    }

    private static string HashOf(JsonObject card) => Hashing.OfText(card.ToJsonString(Settings.Readable));

    // A fault begins with its key, behind which the place in a list may stand.
    private string WithOrigin(string fault)
    {
        var from = _origins.FirstOrDefault(o => fault.Contains($" {o.Key}:", StringComparison.Ordinal) || fault.Contains($" {o.Key}.", StringComparison.Ordinal)).Value;
        return from is null ? fault : $"{fault} ({from})";
    }
}
